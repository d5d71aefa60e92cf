import { type QualityCode, qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { RowError, readTime } from '../times.ts'

export type ValueKind = 'number' | 'boolean' | 'string'

/** One row of a file of history, as the file has it: text from CSV, typed values from Parquet. */
export interface HistoryRow {
  /** Where it stands, for people: `line 17`, `row 3`. */
  place: string
  point: string
  time: unknown
  /** The first of `value`, `num`, `bool` and `text` that holds something. */
  value: unknown
  /** What the value is by its column, where that says so. */
  kind?: ValueKind
  quality: unknown
  gatewayTime: unknown
}

/** How rows are to be understood. */
export interface RowReading {
  /** IANA; of times without an offset. */
  timeZone?: string
  /** What the values of a point are; undefined where the registry does not know it. */
  kindOf(point: string): ValueKind | undefined
}

/**
 * Makes the function that turns rows into readings. It is to be called with the rows of a file in their order: a civil
 * time that occurs twice in autumn is the later one where the point's row before it is not earlier otherwise.
 * A reading without a gateway time gets its source time.
 */
export function openRowReader({ timeZone, kindOf }: RowReading): (row: HistoryRow) => Reading {
  const newest = new Map<string, number>()
  return ({ point, time: at, value: held, kind, quality: code, gatewayTime: received }) => {
    const after = newest.get(point)
    const time = readTime(at, timeZone, after)
    newest.set(point, time)
    const quality = (code === null || code === '' ? 'good' : code) as QualityCode
    const value = toValue(held, kindOf(point) ?? kind)
    if (value === null && qualityOf(quality) !== 'bad') throw new RowError('there is no value')
    const gatewayTime = received === null || received === '' ? time : readTime(received, timeZone)
    return { point, time, value, quality, gatewayTime }
  }
}

const NUMBER = /^[+-]?\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?(?:[eE][+-]?\d+)?$/
const WORDS = new Map([
  ...['true', 'vrai', 'oui', 'yes', '1'].map(word => [word, true] as const),
  ...['false', 'faux', 'non', 'no', '0'].map(word => [word, false] as const),
])

function toValue(held: unknown, kind: ValueKind | undefined): Value {
  if (held === null || held === '') return null
  if (typeof held !== 'string') {
    if (kind !== undefined && typeof held !== kind) throw new RowError(`${held} is no ${kind}`)
    return held as Value
  }
  const text = held.trim()
  const number = NUMBER.test(text)
    ? Number(text.replace(/[ \u00a0\u202f]/g, '').replace(',', '.'))
    : undefined
  const truth = WORDS.get(text.toLowerCase())
  switch (kind) {
    case 'string':
      return held
    case 'number':
      if (number === undefined) throw new RowError(`${text} is no number`)
      return number
    case 'boolean':
      if (truth === undefined) throw new RowError(`${text} is neither true nor false`)
      return truth
    default:
      return number ?? truth ?? held
  }
}
