import { HOUR_MS } from '../../model/time.ts'
import type { HourlyUse, Load } from './load.ts'
import { between, smoothNoise, uniform } from './random.ts'
import type { Course } from './weather.ts'

/** Vehicles by local hour, as shares of the busiest: commuters on weekdays, outings on Sundays. Modelled. */
const WEEKDAY = [6, 4, 3, 3, 6, 20, 55, 95, 85, 55, 50, 55, 65, 60, 58, 62, 80, 100, 90, 60, 38, 25, 17, 10]
const WEEKEND = [14, 9, 6, 5, 5, 8, 15, 25, 40, 55, 68, 70, 60, 65, 70, 72, 75, 78, 70, 55, 40, 30, 24, 18]
/** Fridays fill up, Sundays are thin. */
const DAYS = [0.97, 1, 1.02, 1.04, 1.15, 0.9, 0.78]
/** January to December. */
const MONTHS = [0.88, 0.91, 0.97, 1.02, 1.04, 1.06, 1.1, 1.05, 1.03, 1.01, 0.96, 0.94]

/** Vehicles of a counter in a year: 2,000 to 9,000 a day. */
export function yearlyVehicles(seed: number): number {
  return 365 * Math.round(between(seed, 11, 2000, 9000))
}

/** The profile of a counter's hourly vehicles, to be scaled. */
export function trafficProfile(seed: number): HourlyUse {
  return (month, hour) => {
    const weekday = month.weekday[hour]!
    const shares = weekday < 5 ? WEEKDAY : WEEKEND
    const chance = 0.85 + 0.3 * uniform(seed, month.start / HOUR_MS + hour)
    return (
      shares[month.hourOfDay[hour]!]! * DAYS[weekday]! * MONTHS[new Date(month.start).getUTCMonth()]! * chance
    )
  }
}

/** Mean speed, km/h: slower the nearer the flow comes to the road's busiest hour. */
export function meanSpeed(traffic: Load, busiest: number, seed: number): Course {
  const free = between(seed, 12, 74, 86)
  return time => {
    const fullness = Math.min(1, traffic.rate(time) / busiest)
    return free - 18 * fullness ** 2 + 2.5 * smoothNoise(seed, time / (HOUR_MS / 4))
  }
}

/** How much of the road a vehicle takes as a loop sees it, km. */
const VEHICLE_KM = 0.0065

/** How much of the time a vehicle is over the counter, %. All of them pass on one lane. */
export function occupancy(traffic: Load, busiest: number, seed: number): Course {
  const speed = meanSpeed(traffic, busiest, seed)
  return time => Math.min(100, (100 * traffic.rate(time) * VEHICLE_KM) / speed(time))
}
