import type { LocalDates } from './calendar.ts'

/** Before and after every date that is written, as texts that compare. */
const [FIRST, LAST] = ['', '9999-99-99']

export function isEmpty({ from = FIRST, to = LAST }: LocalDates): boolean {
  return to <= from
}

export function overlap(a: LocalDates, b: LocalDates): boolean {
  return (a.from ?? FIRST) < (b.to ?? LAST) && (b.from ?? FIRST) < (a.to ?? LAST)
}

export function holdsOn({ from = FIRST, to = LAST }: LocalDates, date: string): boolean {
  return from <= date && date < to
}

/** All dates, cut where any of several begins or ends: each part is within or without each of them. */
export function cutAt(dates: readonly LocalDates[]): LocalDates[] {
  const cuts = new Set(dates.flatMap(({ from, to }) => [from, to].filter(date => date !== undefined)))
  const ends = [FIRST, ...[...cuts].sort(), LAST]
  return ends.slice(1).map((end, at) => between(ends[at]!, end))
}

/** The same dates in as few parts as can be, ascending. */
export function joinDates(dates: readonly LocalDates[]): LocalDates[] {
  const joined: { from: string; to: string }[] = []
  for (const { from = FIRST, to = LAST } of dates.toSorted((a, b) =>
    (a.from ?? FIRST) < (b.from ?? FIRST) ? -1 : 1,
  )) {
    const last = joined.at(-1)
    if (!last || from > last.to) joined.push({ from, to })
    else if (to > last.to) last.to = to
  }
  return joined.map(({ from, to }) => between(from, to))
}

/** The dates on which both hold; undefined where there are none. */
export function intersect(a: LocalDates, b: LocalDates): LocalDates | undefined {
  if (!overlap(a, b)) return undefined
  const from = [a.from ?? FIRST, b.from ?? FIRST].sort()[1]!
  const to = [a.to ?? LAST, b.to ?? LAST].sort()[0]!
  return between(from, to)
}

/** What of some dates lies in none of others. */
export function without(dates: LocalDates, others: readonly LocalDates[]): LocalDates[] {
  const parts = cutAt([dates, ...others]).filter(
    ({ from = FIRST }) => holdsOn(dates, from) && !others.some(each => holdsOn(each, from)),
  )
  return joinDates(parts)
}

function between(from: string, to: string): LocalDates {
  return { ...(from !== FIRST && { from }), ...(to !== LAST && { to }) }
}

/** Whether one of several holds on every date. */
export function isAlways(dates: readonly LocalDates[]): boolean {
  let until: string = FIRST
  for (const { from = FIRST, to = LAST } of dates.toSorted((a, b) =>
    (a.from ?? FIRST) < (b.from ?? FIRST) ? -1 : 1,
  )) {
    if (from > until) return false
    if (to > until) until = to
  }
  return until === LAST
}
