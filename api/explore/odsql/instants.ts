import type { ClockOffsets } from '../../../model/row-query.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../model/time.ts'
import type { Argument } from './syntax.ts'
import { OdsqlError, type Terms } from './terms.ts'

/** A moment: where no offset is written, on the clocks of the zone of the query. */
export interface Moment {
  /** ms UTC */
  time: number
  /** Local. */
  date: string
}

const DATE =
  /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i

/**
 * What a date literal means: ISO 8601, or with slashes; a year or a month is its beginning.
 * @throws OdsqlError
 */
export function readMoment(text: string, { timeZone }: Pick<Terms, 'timeZone'>): Moment {
  const found = DATE.exec(text.trim())
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', offset] =
    found ?? []
  try {
    const local = Temporal.PlainDateTime.from(
      {
        ...{ year: Number(year), month: Number(month), day: Number(day) },
        ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
        millisecond: Number(fraction.padEnd(3, '0').slice(0, 3)),
      },
      { overflow: 'reject' },
    )
    const zone = offset === undefined ? timeZone : offset.toUpperCase() === 'Z' ? 'UTC' : offset
    return momentOf(local.toZonedDateTime(zone).epochMilliseconds, timeZone)
  } catch {
    throw new OdsqlError(`${text} is no date: write one like date'2026-10-01' or date'2026-10-01T08:00:00Z'`)
  }
}

/** @throws OdsqlError where its year has more than four digits, in UTC or there, which the database does not read */
function momentOf(time: number, timeZone: string): Moment {
  const date = Temporal.Instant.fromEpochMilliseconds(time)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString()
  if (!/^\d{4}-/.test(date) || !/^\d{4}-/.test(new Date(time).toISOString()))
    throw new OdsqlError('A date is in the years from 0 to 9999')
  return { time, date }
}

const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
const SHIFTS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const

/**
 * `now()`: the singular of a unit sets it, the plural moves by so many.
 * @throws OdsqlError
 */
export function readNow(to: readonly Argument[], { now, timeZone }: Terms): Moment {
  let zoned = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone)
  for (const argument of to) {
    if (argument.kind !== 'named') throw new OdsqlError('now() takes parameters like now(days=-7)')
    const { name } = argument
    const amount = wholeOf(argument.value)
    const part = PARTS.find(each => each === name)
    const shift = SHIFTS.find(each => each === name)
    if (amount === undefined || (!part && !shift))
      throw new OdsqlError(`now() takes whole numbers of ${[...PARTS, ...SHIFTS].join(', ')}`)
    try {
      zoned = part ? zoned.with({ [part]: amount }, { overflow: 'reject' }) : zoned.add({ [shift!]: amount })
    } catch {
      throw new OdsqlError(`now(${name}=${amount}) is no date`)
    }
  }
  return momentOf(zoned.epochMilliseconds, timeZone)
}

/** A whole number as it stands there. */
function wholeOf(value: Exclude<Argument, { kind: 'named' }>): number | undefined {
  if (value.kind === 'negative') {
    const of = wholeOf(value.of)
    return of === undefined ? undefined : -of
  }
  return value.kind === 'number' && Number.isSafeInteger(value.value) ? value.value : undefined
}

/** How far the clocks of a zone are ahead of UTC between two instants, ms UTC. */
export function offsetsBetween(timeZone: string, from: number, to: number): ClockOffsets {
  let zoned = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone)
  const offsets = [{ from, aheadMs: zoned.offsetNanoseconds / 1e6 }]
  while (true) {
    const change = zoned.getTimeZoneTransition('next')
    if (!change || change.epochMilliseconds > to) return offsets
    zoned = change
    offsets.push({ from: zoned.epochMilliseconds, aheadMs: zoned.offsetNanoseconds / 1e6 })
  }
}

/** Widths of ranges of time: of a fixed length, ms, or a unit of the calendar. */
export const WIDTHS: Record<string, number | 'week' | 'month' | 'quarter' | 'year'> = {
  ...unit(1, 'ms', 'millisecond', 'milliseconds'),
  ...unit(1000, 's', 'second', 'seconds'),
  ...unit(MINUTE_MS, 'm', 'minute', 'minutes'),
  ...unit(HOUR_MS, 'h', 'hour', 'hours'),
  ...unit(DAY_MS, 'd', 'day', 'days'),
  ...unit('week', 'w', 'week', 'weeks'),
  ...unit('month', 'M', 'month', 'months'),
  ...unit('quarter', 'q', 'quarter', 'quarters'),
  ...unit('year', 'y', 'year', 'years'),
}

function unit<T>(width: T, ...names: string[]): Record<string, T> {
  return Object.fromEntries(names.map(name => [name, width]))
}
