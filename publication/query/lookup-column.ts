import type { Cell, ColumnType, Operand } from '../../model/row-query.ts'
import { fromBytes, toBytes } from '../csv-scan.ts'

/** What values of a type are compared as; undefined where nothing is known. */
export type Compared = string | number | undefined

interface Told {
  /** As JSON has it, as bytes. */
  json(cell: string): string
  cell(cell: string): Cell
  compared(written: string): string | number
}

const itself = (cell: string) => cell
const isoSeconds = (cell: string) => `${new Date(cell).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`

/** What a number is written as that loses nothing at its ends and has no more digits than a double keeps. */
const SHORTEST = /^(?:0|[1-9]\d*)(?:\.\d{0,5}[1-9])?$/
const EXACT_LENGTH = 15
const number: Told = {
  json: cell => (cell.length <= EXACT_LENGTH && SHORTEST.test(cell) ? cell : String(Number(cell))),
  cell: Number,
  compared: Number,
}

/** Told and compared as the database does. */
const TYPES: Record<ColumnType, Told> = {
  string: { json: JSON.stringify, cell: fromBytes, compared: itself },
  number,
  integer: number,
  boolean: {
    json: itself,
    cell: cell => cell === 'true',
    compared: written => Number(written === 'true'),
  },
  date: { json: cell => `"${cell}"`, cell: itself, compared: itself },
  datetime: { json: cell => `"${isoSeconds(cell)}"`, cell: isoSeconds, compared: Date.parse },
}

/** Cells of a column in their order; '' where nothing is known. */
export class ColumnOfRows {
  readonly #cells: readonly string[]
  readonly #type: ColumnType
  #json: readonly string[] | undefined
  #compared: readonly Compared[] | undefined

  /** @param cells as bytes, see {@link toBytes} */
  constructor(cells: readonly string[], type: ColumnType) {
    this.#cells = cells
    this.#type = type
  }

  /** As JSON, as bytes. */
  get json(): readonly string[] {
    this.#json ??= eachOnce(this.#cells, cell => (cell === '' ? 'null' : TYPES[this.#type].json(cell)))
    return this.#json
  }

  get compared(): readonly Compared[] {
    this.#compared ??= eachOnce(this.#cells, cell =>
      cell === '' ? undefined : TYPES[this.#type].compared(cell),
    )
    return this.#compared
  }

  cell(row: number): Cell {
    const cell = this.#cells[row]!
    return cell === '' ? null : TYPES[this.#type].cell(cell)
  }
}

/** What a value that a client wrote is compared as. */
export function comparedValue(type: ColumnType, value: Operand): string | number {
  return typeof value === 'number' ? value : TYPES[type].compared(toBytes(String(value)))
}

/** Most cells are those of other rows, too. */
function eachOnce<T>(cells: readonly string[], make: (cell: string) => T): T[] {
  const known = new Map<string, T>()
  return cells.map(cell => known.getOrInsertComputed(cell, make))
}
