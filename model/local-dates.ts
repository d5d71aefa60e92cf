import type { LocalDates } from './calendar.ts'

/** Before and after every date that is written, as texts that compare. */
const [FIRST, LAST] = ['', '9999-99-99']

export function isEmpty({ from = FIRST, to = LAST }: LocalDates): boolean {
  return to <= from
}

export function overlap(a: LocalDates, b: LocalDates): boolean {
  return (a.from ?? FIRST) < (b.to ?? LAST) && (b.from ?? FIRST) < (a.to ?? LAST)
}

/** The dates on which both hold; undefined where there are none. */
export function intersect(a: LocalDates, b: LocalDates): LocalDates | undefined {
  if (!overlap(a, b)) return undefined
  const from = [a.from ?? FIRST, b.from ?? FIRST].sort()[1]!
  const to = [a.to ?? LAST, b.to ?? LAST].sort()[0]!
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
