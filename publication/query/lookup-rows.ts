import { closeSync, openSync, readSync } from 'node:fs'
import type { Cell, Comparison, RowPage } from '../../model/row-query.ts'
import { cellBetween, cellEnd, RecordReader, recordEnds, toBytes } from '../csv-scan.ts'
import type { Lookup, LookupColumn, Test } from './lookup.ts'
import { ColumnOfRows, type Compared, comparedValue } from './lookup-column.ts'

/** A CSV file without a header, sorted by its first column, and how many rows stand before it. */
export interface LookupPart {
  path: string
  before: number
}

/** Rows as JSON: an array of objects. */
export interface ToldRows {
  json: Uint8Array
  count: number
  /** Where the last of them is in the file. */
  last: number | undefined
}

/** Each undefined where more would have to be read than may be. */
export interface LookupOperations {
  tell(lookup: Lookup, parts: readonly LookupPart[]): ToldRows | undefined
  rows(lookup: Lookup, parts: readonly LookupPart[]): RowPage | undefined
  count(lookup: Lookup, parts: readonly LookupPart[]): number | undefined
}

export interface LookupLimits {
  /** What may be read for an answer, bytes. */
  mostRead?: number
  /** What is kept of what was read, bytes, about. */
  mostKept?: number
}

/** The rows of a key in a part, which stand together. */
interface Block {
  path: string
  /** Bytes. */
  start: number
  length: number
  /** How many stand before them in the part. */
  before: number
  rows: number
  /** What was read of them, by the places of columns, and about how many bytes that takes. */
  columns: Map<number, ColumnOfRows>
  kept: number
}

/** Rows of a block that meet a lookup, and how many stand before them in the file. */
interface Found {
  columns: ReadonlyMap<number, ColumnOfRows>
  rows: readonly number[]
  before: number
}

class TooMuchToReadError extends Error {}

const MIB = 1024 ** 2
const CHUNK = MIB
const MOST_PARTS = 4096

/**
 * Finds rows of keys where they stand. Where that is in a part is looked for once, and what was read last is kept: parts
 * never change. Reads files synchronously.
 */
export function openLookups({
  mostRead = 16 * MIB,
  mostKept = 96 * MIB,
}: LookupLimits = {}): LookupOperations {
  /** By path, and by key in the order of the part. */
  const indexes = new Map<string, ReadonlyMap<string, Block>>()
  /** What was asked for longest ago first. */
  const kept = new Set<Block>()
  let keptBytes = 0
  const chunk = Buffer.allocUnsafe(CHUNK)

  /** @throws TooMuchToReadError */
  function* find(lookup: Lookup, parts: readonly LookupPart[]): Generator<Found> {
    const { test, columns, after } = lookup
    const keys = lookup.keys.map(toBytes)
    let [offset, limit, left] = [lookup.offset, lookup.limit, mostRead]
    const read = (bytes: number) => {
      left -= bytes
      if (left < 0) throw new TooMuchToReadError()
    }
    for (const { path, before } of parts) {
      const index = indexes.get(path) ?? indexOf(path, read)
      const blocks = keys.flatMap(key => index.get(key) ?? []).sort((a, b) => a.start - b.start)
      for (const block of blocks) {
        if (limit <= 0) return
        read(block.length)
        keep(block, columns)
        const meets = compile(test, block.columns)
        const rows: number[] = []
        const first = before + block.before
        for (let row = Math.max(0, after + 1 - first); row < block.rows && limit > 0; row++) {
          if (!meets(row) || offset-- > 0) continue
          rows.push(row)
          limit--
        }
        yield { columns: block.columns, rows, before: first }
      }
    }
  }

  /** Reads what is missing of some columns. */
  function keep(block: Block, columns: readonly LookupColumn[]): void {
    const missing = columns.filter(({ column }) => !block.columns.has(column))
    if (missing.length > 0) {
      const bytes = readColumns(block, missing)
      block.kept += bytes
      keptBytes += bytes
    }
    // Behind all others from now on.
    kept.delete(block)
    kept.add(block)
    for (const oldest of kept) {
      if (keptBytes <= mostKept || oldest === block) break
      kept.delete(oldest)
      keptBytes -= oldest.kept
      oldest.kept = 0
      oldest.columns.clear()
    }
  }

  function indexOf(path: string, read: (bytes: number) => void): ReadonlyMap<string, Block> {
    const index = readIndex(path, chunk)
    indexes.set(path, index)
    const [oldest] = indexes.keys()
    if (indexes.size > MOST_PARTS) indexes.delete(oldest!)
    for (const { length } of index.values()) read(length)
    return index
  }

  return {
    tell: unlessTooMuch((lookup, parts) => {
      const names = lookup.told.map(({ name }) => toBytes(JSON.stringify(name)))
      let json = ''
      let count = 0
      let last: number | undefined
      for (const { columns, rows, before } of find(lookup, parts)) {
        const told = lookup.told.map(({ column }, at) => {
          const { places, json } = columns.get(column)!
          return { before: `${at === 0 ? '' : ','}${names[at]}:`, places, texts: json }
        })
        for (const row of rows) {
          json += count++ === 0 ? '{' : ',{'
          for (const { before, places, texts } of told) json += before + texts[places[row]!]
          json += '}'
          last = before + row
        }
      }
      return { json: bytesOf(`[${json}]`), count, last }
    }),
    rows: unlessTooMuch((lookup, parts) => {
      const cells: Cell[][] = []
      let last: number | undefined
      for (const { columns, rows, before } of find(lookup, parts)) {
        const told = lookup.told.map(({ column }) => columns.get(column)!)
        for (const row of rows) {
          cells.push(told.map(column => column.cell(row)))
          last = before + row
        }
      }
      return { rows: cells, last }
    }),
    count: unlessTooMuch((lookup, parts) => {
      let count = 0
      for (const { rows } of find(lookup, parts)) count += rows.length
      return count
    }),
  }
}

function unlessTooMuch<T>(work: (lookup: Lookup, parts: readonly LookupPart[]) => T): typeof attempt {
  function attempt(lookup: Lookup, parts: readonly LookupPart[]): T | undefined {
    try {
      return work(lookup, parts)
    } catch (error) {
      if (!(error instanceof TooMuchToReadError)) throw error
      return undefined
    }
  }
  return attempt
}

/** Where the rows of each key stand in a part. */
function readIndex(path: string, chunk: Buffer): ReadonlyMap<string, Block> {
  const index = new Map<string, Block>()
  const file = openSync(path, 'r')
  try {
    let block: Block | undefined
    /** How each of its rows begins. */
    let beginning = ''
    let [text, start, row] = ['', 0, 0]
    for (let read = 1; read > 0; ) {
      read = readSync(file, chunk, 0, chunk.length, null)
      text += chunk.toString('latin1', 0, read)
      let at = 0
      for (const end of recordEnds(text)) {
        if (!block || !text.startsWith(beginning, at)) {
          const close = cellEnd(text, at, end)
          beginning = text.slice(at, close + 1)
          block = { path, start, length: 0, before: row, rows: 0, columns: new Map(), kept: 0 }
          index.set(copied(cellBetween(text, at, close)), block)
        }
        block.length += end - at
        block.rows++
        start += end - at
        row++
        at = end
      }
      text = text.slice(at)
    }
  } finally {
    closeSync(file)
  }
  return index
}

/** @returns about how many bytes they take */
function readColumns(block: Block, columns: readonly LookupColumn[]): number {
  const reader = new RecordReader(readText(block))
  const read = columns.map(({ column, type }) => ({
    ...{ column, type, places: new Uint32Array(block.rows), known: new Map<string, number>() },
  }))
  for (let row = 0; reader.next(); row++)
    for (const { column, places, known } of read) {
      const value = reader.cell(column)
      let place = known.get(value)
      if (place === undefined) {
        place = known.size
        known.set(copied(value), place)
      }
      places[row] = place
    }
  let bytes = 0
  for (const { column, type, places, known } of read) {
    const values = [...known.keys()]
    block.columns.set(column, new ColumnOfRows(places, values, type))
    bytes += places.byteLength
    for (const { length } of values) bytes += VALUE_BYTES + length
  }
  return bytes
}

/** What V8 takes, about, for a place in each of two arrays and for a text beside its characters. */
const VALUE_BYTES = 40

function readText({ path, start, length }: Block): string {
  const bytes = Buffer.allocUnsafe(length)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, bytes, 0, length, start)
    if (read < length) throw new Error(`${path} ends ${length - read} bytes too soon`)
  } finally {
    closeSync(file)
  }
  return bytes.toString('latin1')
}

/** A part of a text that does not keep the whole. */
function copied(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1')
}

/** In memory of its own, which can be handed over. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  Buffer.from(bytes.buffer).write(text, 'latin1')
  return bytes
}

const COMPARISONS: Record<Comparison, (a: string | number, b: string | number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

function compile(test: Test, columns: ReadonlyMap<number, ColumnOfRows>): (row: number) => boolean {
  switch (test.kind) {
    case 'compare': {
      const compare = COMPARISONS[test.operator]
      const value = comparedValue(test.type, test.value)
      return byPlace(columns.get(test.column)!, known => known !== undefined && compare(known, value))
    }
    case 'in': {
      const values = new Set<Compared>(test.values.map(value => comparedValue(test.type, value)))
      return byPlace(columns.get(test.column)!, known => values.has(known))
    }
    case 'known':
      return byPlace(columns.get(test.column)!, known => (known !== undefined) === test.known)
    case 'not': {
      const meets = compile(test.of, columns)
      return row => !meets(row)
    }
    case 'and': {
      const all = test.of.map(each => compile(each, columns))
      return row => all.every(meets => meets(row))
    }
    case 'or': {
      const some = test.of.map(each => compile(each, columns))
      return row => some.some(meets => meets(row))
    }
  }
}

function byPlace({ places, compared }: ColumnOfRows, meets: (known: Compared) => boolean) {
  const met = compared.map(meets)
  return (row: number) => met[places[row]!]!
}
