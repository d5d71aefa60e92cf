import { startOfLocalDate } from '../../model/calendar.ts'
import { emptyColumns, type ReadingColumns } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { DIGITS, INTERVAL_MS, type Size, TIME_ZONE, troubleOf } from './territory.ts'

/** The day that is closed by itself begins here; both changes of the clocks of a year lie before. */
const LAST_DAY = '2026-11-20'
const READINGS_AT_ONCE = 20_000

/** When the history begins, where the new day begins, and where it ends, ms UTC. */
export function boundsOf({ days }: Size): { start: number; newDay: number; end: number } {
  const newDay = Temporal.PlainDate.from(LAST_DAY)
  return {
    start: startOfLocalDate(newDay.subtract({ days }).toString(), TIME_ZONE),
    newDay: startOfLocalDate(LAST_DAY, TIME_ZONE),
    end: startOfLocalDate(newDay.add({ days: 1 }).toString(), TIME_ZONE),
  }
}

/** All readings between two instants, by time as they come from the field; each meter some seconds past the ten minutes. */
export function* readingsOf(
  { meters }: Registry,
  size: Size,
  from: number,
  to: number,
): Generator<ReadingColumns> {
  const { start, newDay } = boundsOf(size)
  const steps = (newDay - start) / INTERVAL_MS
  let columns = emptyColumns()
  for (let time = from; time < to; time += INTERVAL_MS) {
    for (const [number, { point, stepsPerUnit }] of [...meters.values()].entries()) {
      const index = indexAt(number, (time - start) / INTERVAL_MS, steps)
      if (index === undefined) continue
      columns.points.push(point!.id)
      columns.times.push(time + (number % 600) * 1000)
      columns.values.push(index === null ? null : index / stepsPerUnit)
      columns.qualities.push(index === null ? 'bad:timeout' : 'good')
      columns.gatewayTimes.push(time + (number % 600) * 1000)
      if (columns.points.length < READINGS_AT_ONCE) continue
      yield columns
      columns = emptyColumns()
    }
  }
  yield columns
}

/** Whole steps that a meter shows; null where it does not answer, undefined where nothing was read at all. */
function indexAt(number: number, step: number, steps: number): number | null | undefined {
  const middle = Math.floor(steps / 2)
  // By day more than by night, and more with one meter than with another: never a straight line.
  const used = step * (1 + (number % 7)) + Math.floor(20 * (1 + Math.sin(step / 23 + number)))
  const index = 1_000_000 + Math.max(0, used)
  // Over before the new day: the peers close that from the hour before it on.
  const since = step - middle - (number % 50)
  switch (troubleOf(number)) {
    case 'gap':
      return since >= 0 && since < 300 ? undefined : index
    case 'zero':
      return since === 0 ? 0 : index
    case 'rollover':
      return (index + 10 ** DIGITS - 1_000_000 - middle * (1 + (number % 7))) % 10 ** DIGITS
    case 'reset':
      return since >= 0 ? index - 1_000_000 : index
    case 'bad':
      return since >= 0 && since % 50 < 3 ? null : index
    case undefined:
      return index
  }
}
