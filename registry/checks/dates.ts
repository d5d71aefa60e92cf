import type { LocalDates } from '../../model/calendar.ts'

const [FIRST, LAST] = ['', '9999-99-99']

export function isEmpty({ from = FIRST, to = LAST }: LocalDates): boolean {
  return to <= from
}

export function overlap(a: LocalDates, b: LocalDates): boolean {
  return (a.from ?? FIRST) < (b.to ?? LAST) && (b.from ?? FIRST) < (a.to ?? LAST)
}
