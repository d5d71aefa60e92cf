import type { Period } from '../../../model/period.ts'

/** The next finer step that a period is opened into; an hour is opened into its readings. */
export const FINER: Record<Exclude<Period, 'hour'>, Period> = {
  'heating-year': 'month',
  year: 'month',
  month: 'day',
  week: 'day',
  day: 'hour',
}

/** The address of a page for one period of a site: a date, or of an hour its beginning with the offset. */
export function periodPath(site: string, by: Period, start: string): string {
  return `/sites/${site}/consumption/${by}/${by === 'hour' ? start : dateOf(start)}`
}

/** The longer calendar periods that a period lies in, the longest first; a week and a heating year lie in none. */
export function outerPeriods(by: Period, start: string): { by: Period; start: string }[] {
  const date = dateOf(start)
  const outer = [
    { by: 'year' as const, start: `${date.slice(0, 4)}-01-01` },
    { by: 'month' as const, start: `${date.slice(0, 7)}-01` },
    { by: 'day' as const, start: date },
  ]
  const depth = { hour: 3, day: 2, month: 1, week: 0, year: 0, 'heating-year': 0 }[by]
  return outer.slice(0, depth)
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00(?::00)?(?:Z|[+-]\d{2}:\d{2})$/

/** From when to when a period goes, as the API takes it, `to` exclusive; undefined of what is no period's beginning. */
export function periodSpan(by: Period, start: string): { from: string; to: string } | undefined {
  if (!(by === 'hour' ? HOUR : DATE).test(start) || Number.isNaN(Date.parse(start))) return undefined
  if (by === 'hour') {
    const from = Date.parse(start)
    return { from: new Date(from).toISOString(), to: new Date(from + 3_600_000).toISOString() }
  }
  const end = new Date(start)
  if (by === 'day') end.setUTCDate(end.getUTCDate() + 1)
  else if (by === 'week') end.setUTCDate(end.getUTCDate() + 7)
  else if (by === 'month') end.setUTCMonth(end.getUTCMonth() + 1, 1)
  else end.setUTCFullYear(end.getUTCFullYear() + 1)
  return { from: start, to: end.toISOString().slice(0, 10) }
}

function dateOf(localTime: string): string {
  return localTime.slice(0, 10)
}
