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

/** Cells of a column, each value once: most are those of other rows, too. */
export class ColumnOfRows {
  /** By row, the place of its value. */
  readonly places: Uint32Array
  readonly #values: readonly string[]
  readonly #type: ColumnType
  #json: readonly string[] | undefined
  #compared: readonly Compared[] | undefined

  /** @param values as bytes, see {@link toBytes}; '' where nothing is known */
  constructor(places: Uint32Array, values: readonly string[], type: ColumnType) {
    this.places = places
    this.#values = values
    this.#type = type
  }

  /** By place: as JSON, as bytes. */
  get json(): readonly string[] {
    const { json } = TYPES[this.#type]
    this.#json ??= this.#values.map(value => (value === '' ? 'null' : json(value)))
    return this.#json
  }

  /** By place. */
  get compared(): readonly Compared[] {
    const { compared } = TYPES[this.#type]
    this.#compared ??= this.#values.map(value => (value === '' ? undefined : compared(value)))
    return this.#compared
  }

  cell(row: number): Cell {
    const value = this.#values[this.places[row]!]!
    return value === '' ? null : TYPES[this.#type].cell(value)
  }
}

/** What a value that a client wrote is compared as. */
export function comparedValue(type: ColumnType, value: Operand): string | number {
  return typeof value === 'number' ? value : TYPES[type].compared(toBytes(String(value)))
}
