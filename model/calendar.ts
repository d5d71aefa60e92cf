/** Civil periods of a time zone. A day has 23, 24 or 25 hours; a boundary is an instant, computed once. */
export type Period = 'hour' | 'day' | 'month'

/** `start` inclusive, `end` exclusive, ms UTC. */
export interface Interval {
  start: number
  end: number
}

/** The start of the civil period that holds an instant, ms UTC. */
export function periodStart(period: Period, time: number, timeZone: string): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  return floor(zoned, period).epochMilliseconds
}

/** The civil periods that overlap [from, to), ascending and without holes; empty when to <= from. */
export function periodsBetween(period: Period, from: number, to: number, timeZone: string): Interval[] {
  const intervals: Interval[] = []
  if (to <= from) return intervals
  let start = floor(Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone), period)
  while (start.epochMilliseconds < to) {
    const end = next(start, period)
    intervals.push({ start: start.epochMilliseconds, end: end.epochMilliseconds })
    start = end
  }
  return intervals
}

/** The local ISO date (`2026-03-29`) of an instant. */
export function localDate(time: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** The instant at which a local ISO date begins, ms UTC. */
export function startOfLocalDate(date: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds
}

function floor(zoned: Temporal.ZonedDateTime, period: Period): Temporal.ZonedDateTime {
  // Rounding an hour keeps the offset of a repeated hour in autumn, which plain date arithmetic would lose.
  if (period === 'hour') return zoned.round({ smallestUnit: 'hour', roundingMode: 'floor' })
  const day = zoned.startOfDay()
  return period === 'day' ? day : day.with({ day: 1 }).startOfDay()
}

function next(start: Temporal.ZonedDateTime, period: Period): Temporal.ZonedDateTime {
  if (period === 'hour') return start.add({ hours: 1 })
  return start
    .toPlainDate()
    .add({ [`${period}s`]: 1 })
    .toZonedDateTime(start.timeZoneId)
}
