import { type QualityCode, qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'

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

/** What is wrong with a row, in words. */
export class RowError extends Error {
  override readonly name = 'RowError'
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
    const time = toTime(at, timeZone, after)
    newest.set(point, time)
    const quality = (code === null || code === '' ? 'good' : code) as QualityCode
    const value = toValue(held, kindOf(point) ?? kind)
    if (value === null && qualityOf(quality) !== 'bad') throw new RowError('there is no value')
    const gatewayTime = received === null || received === '' ? time : toTime(received, timeZone)
    return { point, time, value, quality, gatewayTime }
  }
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)? ?(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/
const CIVIL = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)$/
/** As spreadsheets in France write it. */
const FRENCH = /^(\d\d)\/(\d\d)\/(\d{4}) (\d?\d)(:\d\d(?::\d\d)?)$/

/** An instant, ms UTC: of a number (ms UTC), or of text; without an offset it is civil time of the zone. */
function toTime(at: unknown, timeZone: string | undefined, after = Number.NEGATIVE_INFINITY): number {
  if (typeof at === 'number') return at
  const text = String(at ?? '').trim()
  try {
    if (INSTANT.test(text)) return Temporal.Instant.from(text.replace(/ (?=[Zz+-])/, '')).epochMilliseconds
    const civil = toCivil(text)
    if (civil && !timeZone)
      throw new RowError(`the time ${text} has no offset: name its zone with --time-zone`)
    if (civil) return toInstant(Temporal.PlainDateTime.from(civil), timeZone!, after)
  } catch (error) {
    if (error instanceof RowError) throw error
  }
  throw new RowError(text === '' ? 'there is no time' : `${text} is not a time`)
}

function toCivil(text: string): string | undefined {
  const iso = CIVIL.exec(text)
  if (iso) return `${iso[1]}T${iso[2]}`
  const french = FRENCH.exec(text)
  return french
    ? `${french[3]}-${french[2]}-${french[1]}T${french[4]!.padStart(2, '0')}${french[5]}`
    : undefined
}

function toInstant(civil: Temporal.PlainDateTime, timeZone: string, after: number): number {
  const earlier = civil.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = civil.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (!earlier.toPlainDateTime().equals(civil))
    throw new RowError(`${civil} does not exist in ${timeZone}: the clocks went forward`)
  return after >= earlier.epochMilliseconds ? later.epochMilliseconds : earlier.epochMilliseconds
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
