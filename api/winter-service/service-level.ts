import { openHolidays } from '../../energy/holidays.ts'
import { civilTime, type Interval, localDate } from '../../model/calendar.ts'
import { openCivilTimes } from '../../model/civil-times.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Circuit, Season } from '../../registry/circuit-schema.ts'
import type { Registry } from '../../registry/registry.ts'

/** What was promised for a circuit at an instant. */
export interface ServiceLevel {
  state: 'in-force' | 'out-of-hours' | 'out-of-season'
  /** Absent out of season. */
  season?: Season
}

const SUNDAY = 7
/** The registry writes hours in quarters. */
const QUARTER_MS = 15 * MINUTE_MS

/** Makes the function that tells which service level of a circuit is in force at an instant, ms UTC. */
export function openServiceLevels({ territory }: Pick<Registry, 'territory'>) {
  const { timeZone, publicHolidays } = territory
  const isHoliday = openHolidays(publicHolidays)
  return ({ seasons }: Pick<Circuit, 'seasons'>, time: number): ServiceLevel => {
    const date = localDate(time, timeZone)
    const season = seasons.find(({ from, to }) => from <= date && date < to)
    if (!season) return { state: 'out-of-season' }
    const { month, weekday, minute } = civilTime(time, timeZone)
    const day = isHoliday(date) ? SUNDAY : weekday
    const holds = season.hours.some(hours => openCivilTimes(hours)(month, day, minute))
    return { state: holds ? 'in-force' : 'out-of-hours', season }
  }
}

/** The levels of a circuit one after the other, without holes. */
export function levelsBetween(
  levelOf: (time: number) => ServiceLevel,
  { start, end }: Interval,
): (ServiceLevel & Interval)[] {
  const levels: (ServiceLevel & Interval)[] = []
  for (let time = start; time < end; time += QUARTER_MS) {
    const level = levelOf(time)
    const last = levels.at(-1)
    const until = Math.min(time + QUARTER_MS, end)
    if (last && last.state === level.state && last.season === level.season) last.end = until
    else levels.push({ ...level, start: time, end: until })
  }
  return levels
}
