import { relativeHumidity } from '../../model/psychrometrics.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { Site } from '../../registry/schema.ts'
import type { Months } from './months.ts'
import { presence } from './presence.ts'
import { between, smoothNoise } from './random.ts'
import type { Course, LocalWeather } from './weather.ts'

/** How long rooms take to follow the heating, in whole hours. */
const INERTIA = 4

/** The air of a room, modelled: °C, %, ppm. */
export interface IndoorAir {
  temperature: Course
  humidity: Course
  /** ppm */
  carbonDioxide: Course
  occupied(time: number): boolean
}

/**
 * Heated to about 20 °C while people are there and to 16 °C when not, with some hours of inertia; above that
 * carried along by warm days outside. The moisture is that of the outdoor air, and a little more from people.
 */
export function indoorAir(site: Site, months: Months, weather: LocalWeather, seed: number): IndoorAir {
  const comfort = between(seed, 21, 19.3, 21)
  const present = (time: number) => {
    const month = months(time)
    return presence(site, month, Math.floor((time - month.start) / HOUR_MS))
  }
  const people = (time: number) => {
    // The window slides, so the hours at both ends count in part.
    const part = (time % HOUR_MS) / HOUR_MS
    let sum = present(time) * part + present(time - INERTIA * HOUR_MS) * (1 - part)
    for (let back = 1; back < INERTIA; back++) sum += present(time - back * HOUR_MS)
    return sum / INERTIA
  }
  const temperature: Course = time => {
    const heated = 16 + (comfort - 16) * people(time)
    const outside = (weather.airTemperature(time) + weather.airTemperature(time - DAY_MS / 2)) / 2
    const carried = 19 + 0.45 * (outside - 14)
    return Math.max(heated, carried) + 0.3 * smoothNoise(seed, time / HOUR_MS)
  }
  return {
    temperature,
    humidity: time => {
      const room = temperature(time)
      return Math.max(
        15,
        relativeHumidity(room, Math.min(room, weather.dewPoint(time) + 2 + 2 * people(time))),
      )
    },
    carbonDioxide: time => 430 + 650 * people(time),
    occupied: time => present(time) > 0.3,
  }
}
