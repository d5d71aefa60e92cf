import { type Interval, localDate, startOfLocalDate } from './calendar.ts'
import { type Conversion, openConversions } from './consumption.ts'
import {
  type Decimal,
  divideDecimals,
  formatDecimal,
  multiplyDecimals,
  toDecimal,
  toNumber,
} from './decimal.ts'
import { ORIGINS, type Origin, type Statement } from './statement.ts'
import { DAY_MS } from './time.ts'
import { METER_UNITS, powerBetween, type Unit, unitLabel } from './units.ts'

/** What somebody writes of a meter, as text: one of a file's rows, or a form. Empty is not given. */
export interface Stating {
  origin: string
  /** Of an index; a date stands for its beginning. */
  at?: string
  /** Of an amount; `to` is exclusive, a date stands for its beginning. */
  from?: string
  to?: string
  index?: string
  amount?: string
  /** Where it is not the meter's. */
  unit?: string
  author: string
  source?: string
  reason?: string
}

/** What has to be known of a meter to take what is stated of it. */
export interface StatedMeter {
  id: string
  unit: Unit
  resolution: number
  stepsPerUnit: number
  digits?: number | undefined
  /** Of a gas meter that counts m³, which may be stated in kWh (PCS). */
  conversions?: readonly Conversion[]
}

/** What can be wrong with a field of a statement, for those who tell it in their own words. */
export const STATING_FAULTS = [
  'index-of-correction',
  'no-reason',
  'not-after-from',
  'too-long',
  'no-author',
  'unknown-origin',
  'no-form',
  'does-not-go',
  'not-given',
  'no-time',
  'before-1970',
  'not-come-yet',
  'no-number',
  'too-fine',
  'too-large',
  'too-many-digits',
  'unknown-unit',
  'unit-of-amount',
  'no-coefficient',
  'coefficient-changes',
] as const
export type StatingFault = (typeof STATING_FAULTS)[number]

/** What is wrong with a statement, by the field that says it. */
export class StatingError extends Error {
  override readonly name = 'StatingError'
  readonly field: keyof Stating
  readonly fault: StatingFault
  constructor(field: keyof Stating, fault: StatingFault, message: string) {
    super(message)
    this.field = field
    this.fault = fault
  }
}

const LONGEST_TEXT = 500
const NUMBER = /^\d+(?:[.,]\d+)?$/

/**
 * Takes what is stated of a meter, exactly as it is written.
 * @throws StatingError
 */
export function takeStatement(
  stating: Stating,
  meter: StatedMeter,
  { timeZone, now }: { timeZone: string; now: number },
): Statement {
  const given = trimmed(stating)
  const origin = toOrigin(given.origin)
  const form = toForm(given)
  if (origin === 'correction' && form === 'index')
    throw new StatingError(
      'index',
      'index-of-correction',
      'a correction says what was counted: give from, to and amount',
    )
  if (origin === 'correction' && !given.reason)
    throw new StatingError('reason', 'no-reason', 'a correction says why')
  const time = (field: 'at' | 'from' | 'to') => toTime(field, given[field], timeZone, now)
  const start = time(form === 'index' ? 'at' : 'from')
  const end = form === 'index' ? start : time('to')
  if (form === 'amount' && end <= start) throw new StatingError('to', 'not-after-from', 'must be after from')
  const unit = toUnit(form, given.unit, meter)
  const isConverted = powerBetween(unit, meter.unit) === undefined
  const written = toWritten(form, given[form]!)
  const value = isConverted
    ? toConverted(written, unit, meter, { start, end }, timeZone)
    : toValue(
        form,
        given[form]!,
        { ...written, scale: written.scale - powerBetween(unit, meter.unit)! },
        meter,
      )
  return {
    ...{ meter: meter.id, origin, form, start, end, value },
    ...(isConverted && { written: { value: toNumber(written), unit } }),
    author: given.author!,
    ...(given.source && { source: given.source }),
    ...(given.reason && { reason: given.reason }),
  }
}

function trimmed(stating: Stating): Partial<Stating> {
  const fields = Object.entries(stating) as [keyof Stating, string | undefined][]
  const given: Partial<Stating> = {}
  for (const [field, text = ''] of fields) {
    if (text.length > LONGEST_TEXT)
      throw new StatingError(field, 'too-long', `is longer than ${LONGEST_TEXT} characters`)
    if (text.trim() !== '') given[field] = text.trim()
  }
  if (!given.author) throw new StatingError('author', 'no-author', 'say who states it')
  return given
}

function toOrigin(text = ''): Origin {
  const origin = ORIGINS.find(name => name === text)
  if (!origin)
    throw new StatingError(
      'origin',
      'unknown-origin',
      `${text || 'nothing'} is none of ${ORIGINS.join(', ')}`,
    )
  return origin
}

function toForm(given: Partial<Stating>): Statement['form'] {
  const isIndex = given.index !== undefined
  if (isIndex === (given.amount !== undefined))
    throw new StatingError('index', 'no-form', 'give either at and index, or from, to and amount')
  for (const field of isIndex ? (['from', 'to'] as const) : (['at'] as const))
    if (given[field])
      throw new StatingError(field, 'does-not-go', `does not go with ${isIndex ? 'an index' : 'an amount'}`)
  return isIndex ? 'index' : 'amount'
}

const DATE = /^\d{4}-\d\d-\d\d$/
const FRENCH_DATE = /^(\d\d)\/(\d\d)\/(\d{4})$/

function toTime(
  field: 'at' | 'from' | 'to',
  text: string | undefined,
  timeZone: string,
  now: number,
): number {
  if (!text) throw new StatingError(field, 'not-given', 'is not given')
  const date = text.replace(FRENCH_DATE, '$3-$2-$1')
  let time: number
  try {
    if (DATE.test(date)) time = startOfLocalDate(date, timeZone)
    else if (/(?:[Zz]|[+-]\d\d:?\d\d)$/.test(date)) time = Temporal.Instant.from(date).epochMilliseconds
    else {
      const civil = Temporal.PlainDateTime.from(date)
      time = civil.toZonedDateTime(timeZone, { disambiguation: 'reject' }).epochMilliseconds
    }
  } catch {
    throw new StatingError(
      field,
      'no-time',
      `${text} is no date or time: write 2026-03-01, or 2026-03-01T08:30 with its offset`,
    )
  }
  if (time < 0) throw new StatingError(field, 'before-1970', `${text} lies before 1970`)
  if (time > now + DAY_MS) throw new StatingError(field, 'not-come-yet', `${text} has not come yet`)
  return time
}

/** What an amount of a meter may be stated in, its own unit first. */
export function unitsOfAmount({ unit, conversions = [] }: StatedMeter): Unit[] {
  const fits = (each: Unit) =>
    powerBetween(each, unit) !== undefined ||
    (conversions.length > 0 && powerBetween(each, 'kW.h') !== undefined)
  return [unit, ...METER_UNITS.filter(each => each !== unit && fits(each))]
}

function toUnit(form: Statement['form'], text: string | undefined, meter: StatedMeter): Unit {
  if (!text) return meter.unit
  const named = unitsOfAmount(meter).find(each => each === text || unitLabel(each) === text)
  const own = unitLabel(meter.unit)
  if (!named)
    throw new StatingError('unit', 'unknown-unit', `${text} is no unit of this meter, which counts in ${own}`)
  if (form === 'index' && powerBetween(named, meter.unit) === undefined)
    throw new StatingError('unit', 'unit-of-amount', `${text} is for an amount: the meter shows ${own}`)
  return named
}

function toWritten(field: Statement['form'], text: string): Decimal {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '')
  if (!NUMBER.test(plain)) throw new StatingError(field, 'no-number', `${text} is no number from 0 on`)
  return toDecimal(plain.replace(',', '.'))
}

function toValue(
  field: Statement['form'],
  text: string,
  value: Decimal,
  { unit, resolution, stepsPerUnit, digits }: StatedMeter,
): number {
  const whole = wholeOf(multiplyDecimals(value, toDecimal(stepsPerUnit)))
  if (whole === undefined)
    throw new StatingError(
      field,
      'too-fine',
      `${text} is finer than the resolution of the meter, ${resolution} ${unitLabel(unit)}`,
    )
  if (whole > Number.MAX_SAFE_INTEGER) throw new StatingError(field, 'too-large', `${text} is too large`)
  if (field === 'index' && digits !== undefined && whole >= 10 ** digits)
    throw new StatingError(
      field,
      'too-many-digits',
      `${text} is more than the ${digits} digits of the meter show`,
    )
  return whole / stepsPerUnit
}

/**
 * Energy in the unit of the meter, by the coefficient that holds over all of its time: to the nearest step, since the
 * bill's kWh were made of whole steps. How much of it lies on which side of a change nobody can tell.
 */
function toConverted(
  value: Decimal,
  unit: Unit,
  { conversions = [], stepsPerUnit }: StatedMeter,
  { start, end }: Interval,
  timeZone: string,
): number {
  const opened = openConversions(conversions, timeZone)
  const first = opened.findLast(conversion => conversion.start <= start)
  if (!first)
    throw new StatingError(
      'from',
      'no-coefficient',
      `no coefficient of the meter holds on ${localDate(start, timeZone)} yet`,
    )
  const change = opened.find(
    conversion =>
      conversion.start > start &&
      conversion.start < end &&
      formatDecimal(conversion.factor) !== formatDecimal(first.factor),
  )
  if (change) {
    const date = localDate(change.start, timeZone)
    const message = `the coefficient changes on ${date}: state what was counted before and after it each for itself`
    throw new StatingError('to', 'coefficient-changes', message)
  }
  const kilowattHours = { ...value, scale: value.scale - powerBetween(unit, 'kW.h')! }
  const steps = divideDecimals(multiplyDecimals(kilowattHours, toDecimal(stepsPerUnit)), first.factor)
  if (steps > Number.MAX_SAFE_INTEGER) throw new StatingError('amount', 'too-large', 'is too large')
  return Number(steps) / stepsPerUnit
}

/** Undefined where there are digits behind the point. */
function wholeOf(value: Decimal): number | undefined {
  const text = formatDecimal(value)
  return text.includes('.') ? undefined : Number(text)
}
