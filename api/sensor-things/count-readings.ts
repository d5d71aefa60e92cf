import { periodStart } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { CountSpan } from './streams.ts'

interface Stretch {
  by: 'reading' | 'hour' | 'day'
  start: number
  end: number
}

/** What counting takes, in rows: those of what is summed up already, and the readings of the hours at both ends. */
export function costOfCount(span: CountSpan, interval: number, timeZone: string): number {
  const length = { reading: interval, hour: HOUR_MS, day: DAY_MS }
  return stretchesOf(span, timeZone).reduce((sum, { by, start, end }) => sum + (end - start) / length[by], 1)
}

/** How many readings of a point have a value, and say something as far as they are looked at. */
export async function countReadings(
  readings: ReadingStore,
  point: string,
  span: CountSpan,
  {
    timeZone,
    says,
  }: { timeZone: string; says: (reading: Awaited<ReturnType<ReadingStore['range']>>[number]) => boolean },
): Promise<number> {
  const counts = await Promise.all(
    stretchesOf(span, timeZone).map(async ({ by, start, end }) => {
      if (by === 'reading') return (await readings.range(point, start, end)).filter(says).length
      const summed = await readings.aggregate(point, by, start, end)
      return summed.reduce((sum, { valid }) => sum + valid, 0)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** One after the other: as many days as are whole, and hours before and behind. Beyond an end there is no reading. */
function stretchesOf({ from, to, isFromFirst, isToLast }: CountSpan, timeZone: string): Stretch[] {
  const start = isFromFirst ? floorDay(from, timeZone) : from
  const end = isToLast ? ceilDay(to, timeZone) : to
  const hours = within(start, end, Math.ceil(start / HOUR_MS) * HOUR_MS, Math.floor(end / HOUR_MS) * HOUR_MS)
  const days = within(...hours, ceilDay(hours[0], timeZone), floorDay(hours[1], timeZone))
  const stretches: Stretch[] = [
    { by: 'reading', start, end: hours[0] },
    { by: 'hour', start: hours[0], end: days[0] },
    { by: 'day', start: days[0], end: days[1] },
    { by: 'hour', start: days[1], end: hours[1] },
    { by: 'reading', start: hours[1], end },
  ]
  return stretches.filter(stretch => stretch.start < stretch.end)
}

/** The inner span, or where there is none an empty one at the beginning. */
function within(start: number, end: number, from: number, to: number): [from: number, to: number] {
  return from < to && from >= start && to <= end ? [from, to] : [start, start]
}

function floorDay(time: number, timeZone: string): number {
  return periodStart('day', time, timeZone)
}

function ceilDay(time: number, timeZone: string): number {
  const day = floorDay(time, timeZone)
  // No day is longer than 25 hours, nor shorter than 23.
  return day === time ? time : floorDay(day + 1.5 * DAY_MS, timeZone)
}
