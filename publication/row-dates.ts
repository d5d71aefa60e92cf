import { type LocalDates, localDate } from '../model/calendar.ts'
import type { Span } from './version.ts'

/** The first and the last local date of rows from a date or an instant up to another one. */
export function localSpan({ start, end }: Span, timeZone: string): Span {
  return { start: localDay(start, 0, timeZone), end: localDay(end, -1, timeZone) }
}

/** A {@link localSpan} as dates, the last exclusive. */
export function datesOfSpan({ start, end }: Span): LocalDates {
  return { from: start, to: Temporal.PlainDate.from(end).add({ days: 1 }).toString() }
}

/** The local date of a date or an instant, or of the day or the millisecond before. */
function localDay(text: string, offset: 0 | -1, timeZone: string): string {
  if (text.includes('T')) return localDate(Date.parse(text) + offset, timeZone)
  return Temporal.PlainDate.from(text).add({ days: offset }).toString()
}

/** An instant as rows and reports tell it: RFC 3339, UTC, with a fraction of a second only where there is one. */
export function instantText(time: number): string {
  return new Date(time).toISOString().replace('.000', '')
}
