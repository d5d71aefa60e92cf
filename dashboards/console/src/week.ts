import type { Period } from './consumption.ts'

const DAY_MS = 86_400_000

/** Local dates of seven whole days, `to` exclusive: those before the given one, or as many weeks earlier. */
export function weekBefore(date: string, weeksEarlier: number): { from: string; to: string } {
  const end = Date.parse(date) - weeksEarlier * 7 * DAY_MS
  const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10)
  return { from: dateOf(end - 7 * DAY_MS), to: dateOf(end) }
}

export interface WeekDay {
  /** When its first hour begins, as the API writes it. */
  start: string
  /** By hour of the clock, 0 to 23: none where the clocks skip it, two where they go through it twice. */
  hours: Period[][]
}

/** Hours by the day and the hour of the clock of the territory at which they begin, in the order of the days. */
export function daysOf(hours: readonly Period[]): WeekDay[] {
  const byDate = Map.groupBy(hours, ({ start }) => start.slice(0, 10))
  return [...byDate.values()].map(ofDay => ({
    start: ofDay[0]!.start,
    hours: Array.from({ length: 24 }, (_, clock) =>
      ofDay.filter(({ start }) => Number(start.slice(11, 13)) === clock),
    ),
  }))
}

/** The mean of the hours that begin at one hour of the clock; undefined where one of them is not known. */
export function meanOf(hours: readonly Period[]): number | undefined {
  const known = hours.map(({ amount }) => amount).filter(amount => amount !== null)
  if (known.length === 0 || known.length < hours.length) return undefined
  return known.reduce((sum, amount) => sum + amount, 0) / known.length
}
