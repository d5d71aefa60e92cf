import { type Interval, localDate, periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { addDecimals, type Decimal, toDecimal } from '../../model/decimal.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { Unit } from '../../model/units.ts'
import { RowError, readTime } from '../times.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { DistributorRow } from './rows.ts'

/** What a row says, in one of the units that it says it in. */
export interface ToldAmount {
  value: Decimal
  unit: Unit
  /** A mean power: so much in an hour. */
  perHour: boolean
}

const UNITS: Record<string, { unit: Unit; power?: true }> = {
  w: { unit: 'W.h', power: true },
  kw: { unit: 'kW.h', power: true },
  wh: { unit: 'W.h' },
  kwh: { unit: 'kW.h' },
  mwh: { unit: 'MW.h' },
  m3: { unit: 'm3' },
  'm³': { unit: 'm3' },
  l: { unit: 'L' },
}
/** A longer step from one stamp to the next is a hole. */
export const LONGEST_INTERVAL = HOUR_MS

const NUMBER = /^-?\d+(?:[.,]\d+)?$/

export function sumColumns(
  row: DistributorRow,
  format: DistributorFormat,
  columns: readonly string[],
): readonly ToldAmount[] | undefined {
  const [{ unit }] = format.amounts as [DistributorFormat['amounts'][0]]
  const parts = columns.flatMap(field => amountOf(row, { field, unit }, format) ?? [])
  return parts.length > 0 ? [sumOf(parts)] : undefined
}

export function sumOf(parts: readonly ToldAmount[]): ToldAmount {
  const value = parts.map(part => part.value).reduce(addDecimals)
  return { ...parts[0]!, value }
}

/** Undefined where a row says nothing. */
export function amountsOf(row: DistributorRow, format: DistributorFormat): readonly ToldAmount[] | undefined {
  if (format.needs !== undefined && row.field(format.needs) === '') return undefined
  const told = format.amounts.flatMap(amount => amountOf(row, amount, format) ?? [])
  const wrong = told.find(({ perHour }) => perHour !== (format.kind === 'power'))
  if (wrong) throw new RowError(`is in ${wrong.unit}, which is not what ${format.title} holds`)
  return told.length > 0 ? told : undefined
}

function amountOf(
  row: DistributorRow,
  { field, unit }: DistributorFormat['amounts'][0],
  { missing = [] }: DistributorFormat,
): ToldAmount | undefined {
  const text = row.field(field).replace(/[\s\u00a0\u202f]/g, '')
  if (text === '' || missing.includes(text)) return undefined
  if (!NUMBER.test(text)) throw new RowError(`${field}: ${text} is no number`)
  if (text.startsWith('-')) throw new RowError(`${field}: ${text} is less than nothing`)
  const written = 'constant' in unit ? unit.constant : row.field(unit.field)
  const known = UNITS[written.trim().toLowerCase()]
  if (!known) throw new RowError(`${written || '(empty)'} is no unit that is known here`)
  return { value: toDecimal(text.replace(',', '.')), unit: known.unit, perHour: known.power === true }
}

/** A stamp, or its date and its time of day. */
export function stampText(row: DistributorRow, fields: readonly string[]): string {
  return fields.map(row.field).join(' ').trim()
}

const LONGEST_DATE = '2026-10-25'.length
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?)?$/
const FRENCH_DATE = /^(\d\d)\/(\d\d)\/(\d{4})(?: 00:00(?::00)?)?$/

/** Of gas, a day is from a time of day to the same of the next. */
function dayOf(row: DistributorRow, field: string, timeZone: string, startsAt?: string): Interval {
  const midnight = startOfDate(row.field(field), timeZone)
  const { start, end } = periodsBetween('day', midnight, midnight + 1, timeZone)[0]!
  if (startsAt === undefined) return { start, end }
  const at = (day: number) => readTime(`${localDate(day, timeZone)}T${startsAt}`, timeZone)
  return { start: at(start), end: at(end) }
}

function startOfDate(text: string, timeZone: string): number {
  const date = DATE.exec(text.replace(FRENCH_DATE, '$3-$2-$1'))?.[1]
  try {
    if (date) return startOfLocalDate(date, timeZone)
  } catch {
    // Told below, as what is no date at all.
  }
  throw new RowError(`${text || '(empty)'} is no date`)
}

/** Of a date its midnight, and of what else is written the time. */
function instantOf(text: string, timeZone: string, before: number | undefined): number {
  return text.length <= LONGEST_DATE ? startOfDate(text, timeZone) : readTime(text, timeZone, before)
}

function spanOf(
  row: DistributorRow,
  fields: { start: string; end: string },
  timeZone: string,
  before: number | undefined,
): Interval {
  const start = instantOf(row.field(fields.start), timeZone, before)
  const end = instantOf(row.field(fields.end), timeZone, start)
  if (end <= start) throw new RowError(`${fields.end} is not after ${fields.start}`)
  return { start, end }
}

/**
 * When a row is of, where it says so by itself: the stamps of a load curve need each other.
 * @param before the start of the row before, by which both hours of an autumn night are told apart
 */
export function timesOf(
  row: DistributorRow,
  { time, kind, timeZone }: DistributorFormat,
  before: number | undefined,
): Interval | undefined {
  if ('start' in time) return spanOf(row, time, timeZone, before)
  const [field] = time.fields as [string]
  if (time.stamp === 'day') {
    const day = dayOf(row, field, timeZone, time.startsAt)
    return kind === 'index' ? { start: day.end, end: day.end } : day
  }
  if (kind !== 'index') return undefined
  const at = instantOf(stampText(row, time.fields), timeZone, before)
  return { start: at, end: at }
}

/** Hours, which there are none of, and minutes. */
const MINUTES = /^()(\d+)$/
const ISO_MINUTES = /^PT(?:(\d+)H)?(?:(\d+)M)?$/

/** How long the interval of a row is, where the file says so. */
export function intervalOf(row: DistributorRow, { interval }: DistributorFormat): number | undefined {
  if (!interval || 'spacing' in interval) return undefined
  const text = row.field(interval.field)
  const [, hours = 0, minutes = 0] = (interval.unit === 'iso' ? ISO_MINUTES : MINUTES).exec(text) ?? []
  const length = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS
  if (!(length > 0 && length <= LONGEST_INTERVAL))
    throw new RowError(`${text || '(empty)'} is no interval up to an hour`)
  return length
}
