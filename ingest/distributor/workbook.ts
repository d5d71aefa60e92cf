import { posix } from 'node:path'
import { type ByteSource, FileError } from '../byte-source.ts'
import type { TableRecord } from '../csv-file.ts'
import { readXml } from '../xml.ts'
import { dateText, isDateFormat, shortNumber } from './workbook-cells.ts'

/** A sheet of an XLSX workbook (ECMA-376, part 1, clause 18). */
export interface Sheet {
  name: string
  /** Its rows that hold something, cells as text: dates in ISO 8601 without a zone, numbers with a point. */
  records(): AsyncGenerator<TableRecord>
}

const WORKBOOK = 'xl/workbook.xml'
/** Texts that cells of all sheets share are held in memory. */
const MOST_SHARED = 64 * 1024 ** 2

interface Style {
  shared: readonly string[]
  /** By the number of a cell's style. */
  dates: readonly boolean[]
  from1904: boolean
}

export function isWorkbook(members: ReadonlyMap<string, ByteSource>): boolean {
  return members.has(WORKBOOK)
}

/** @throws FileError naming what cannot be read */
export async function readSheets(members: ReadonlyMap<string, ByteSource>): Promise<Sheet[]> {
  const workbook = members.get(WORKBOOK)!
  const parts = new Map<string, string>()
  const relations = members.get('xl/_rels/workbook.xml.rels')
  for await (const [id, target] of relations ? readXml(relations, relationsOf) : [])
    parts.set(id, posix.join(target.startsWith('/') ? '' : 'xl', target).replace(/^\//, ''))
  const listed: { name: string; id: string }[] = []
  let from1904 = false
  for await (const found of readXml(workbook, workbookOf)) {
    if (found === 'from1904') from1904 = true
    else listed.push(found)
  }
  let style: Promise<Style> | undefined
  return listed.map(({ name, id }) => ({
    name,
    async *records() {
      const part = members.get(parts.get(id) ?? '')
      if (!part) throw new FileError(workbook.name, `the sheet ${name} is missing`)
      style ??= readStyle(members, from1904)
      const known = await style
      yield* readXml<TableRecord>(part, emit => rowsOf(known, emit))
    },
  }))
}

async function readStyle(members: ReadonlyMap<string, ByteSource>, from1904: boolean): Promise<Style> {
  const shared: string[] = []
  let length = 0
  const strings = members.get('xl/sharedStrings.xml')
  for await (const text of strings ? readXml(strings, sharedOf) : []) {
    length += text.length
    if (length > MOST_SHARED) throw new FileError(strings!.name, 'holds too much text')
    shared.push(text)
  }
  const dates: boolean[] = []
  const styles = members.get('xl/styles.xml')
  for await (const isDate of styles ? readXml(styles, datesOf) : []) dates.push(isDate)
  return { shared, dates, from1904 }
}

function relationsOf(emit: (relation: [id: string, target: string]) => void) {
  return {
    open(name: string, { Id, Target }: Readonly<Record<string, string>>) {
      if (name === 'Relationship') emit([Id!, Target!])
    },
    close() {},
  }
}

function workbookOf(emit: (found: 'from1904' | { name: string; id: string }) => void) {
  return {
    open(name: string, attributes: Readonly<Record<string, string>>) {
      if (name === 'workbookPr' && /^(1|true)$/.test(attributes.date1904 ?? '')) emit('from1904')
      if (name === 'sheet') emit({ name: attributes.name!, id: attributes['r:id'] ?? '' })
    },
    close() {},
  }
}

/** Texts of several runs are put together; how they are pronounced is none of it. */
function sharedOf(emit: (text: string) => void) {
  let whole = ''
  let spoken = false
  return {
    open(name: string) {
      if (name === 'rPh') spoken = true
    },
    close(name: string, text: string) {
      if (name === 't' && !spoken) whole += text
      if (name === 'rPh') spoken = false
      if (name !== 'si') return
      emit(whole)
      whole = ''
    },
  }
}

function datesOf(emit: (isDate: boolean) => void) {
  const codes = new Map<string, string>()
  let inCells = false
  return {
    open(name: string, { numFmtId = '0', formatCode = '' }: Readonly<Record<string, string>>) {
      if (name === 'numFmt') codes.set(numFmtId, formatCode)
      if (name === 'cellXfs') inCells = true
      if (name === 'xf' && inCells) emit(isDateFormat(Number(numFmtId), codes.get(numFmtId)))
    },
    close(name: string) {
      if (name === 'cellXfs') inCells = false
    },
  }
}

function rowsOf({ shared, dates, from1904 }: Style, emit: (row: TableRecord) => void) {
  let row: TableRecord = { cells: [], line: 0 }
  let at = 0
  let type = 'n'
  let isDate = false
  let value = ''
  return {
    open(name: string, { r, t = 'n', s = '0' }: Readonly<Record<string, string>>) {
      if (name === 'row') {
        row = { cells: [], line: r ? Number(r) : row.line + 1 }
        at = 0
      }
      if (name !== 'c') return
      at = r ? columnOf(r) : at
      type = t
      isDate = dates[Number(s)] === true
      value = ''
    },
    close(name: string, text: string) {
      if (name === 'v' || (name === 't' && type === 'inlineStr')) value += text
      if (name === 'c') {
        while (row.cells.length < at) row.cells.push('')
        row.cells[at++] = cellText()
      }
      if (name === 'row' && row.cells.some(cell => cell !== '')) emit(row)
    },
  }

  function cellText(): string {
    if (type === 's') return shared[Number(value)] ?? ''
    if (type !== 'n' || value === '') return value
    return isDate ? dateText(Number(value), from1904) : shortNumber(value)
  }
}

/** From 0: `C7` is in the column 2. */
function columnOf(address: string): number {
  const letters = /^[A-Z]{1,3}/.exec(address)?.[0]
  if (!letters) throw new Error(`${address} is no cell`)
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1
}
