import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { Course, LocalWeather } from './weather.ts'

/**
 * Road surface temperature, °C. Modelled, not recorded: the damped air temperature, warmed by the sun of
 * the last hours and cooled by radiation at night, both under a sky taken to be as clear as the air is dry
 * (dew-point spread of 1 K overcast, 9 K clear). A dry clear night takes the road about 3 K under the air.
 */
export function surfaceTemperature(weather: LocalWeather, position: { lat: number; lon: number }): Course {
  return time => {
    const clear = Math.min(1, Math.max(0, (weather.spread(time) - 1) / 8))
    const air = 0.65 * weather.airTemperature(time) + 0.35 * weather.airTemperature(time - 3 * HOUR_MS)
    const sun =
      0.5 * sunHeight(time - HOUR_MS / 2, position) +
      0.3 * sunHeight(time - 2 * HOUR_MS, position) +
      0.2 * sunHeight(time - 4 * HOUR_MS, position)
    return air + sun * (3 + 15 * clear) - 3.2 * clear * (1 - Math.min(1, 4 * sun))
  }
}

/** Sine of the sun's elevation, 0 at night; the equation of time is left out (a quarter of an hour at most). */
function sunHeight(time: number, position: { lat: number; lon: number }): number {
  const days = time / DAY_MS
  const dayOfYear = days % 365.2425
  const declination = -23.44 * RADIANS * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365.2425)
  const hourAngle = 2 * Math.PI * (days - 0.5) + position.lon * RADIANS
  const latitude = position.lat * RADIANS
  return Math.max(
    0,
    Math.sin(latitude) * Math.sin(declination) +
      Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
  )
}

const RADIANS = Math.PI / 180
