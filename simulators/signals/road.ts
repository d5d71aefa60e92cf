import type { PRECIPITATION_TYPES, SURFACE_CONDITIONS } from '../../model/road-state.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
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

/** A road carries no thicker film, mm. */
const FULL_FILM = 1
const FILM_STEP_MS = 15 * MINUTE_MS
const FILM_STEPS = 16

/** Water on the road, mm. Modelled: what has fallen lately. */
export function waterFilm(weather: Pick<LocalWeather, 'precipitation'>): Course {
  const fallen = fallenLately(weather)
  return time => Math.min(FULL_FILM, fallen(time))
}

/** What has fallen in the last four hours, less of it the longer ago, mm. */
function fallenLately({ precipitation }: Pick<LocalWeather, 'precipitation'>): Course {
  return time => {
    let film = 0
    for (let step = 0; step < FILM_STEPS; step++) {
      const fallen = (precipitation(time - step * FILM_STEP_MS) * FILM_STEP_MS) / HOUR_MS
      film += fallen * (1 - step / FILM_STEPS)
    }
    return film
  }
}

/** Under a bridge, m. Modelled: half a metre, and what has fallen in the last four hours, gathered from all around. */
export function waterLevel(weather: Pick<LocalWeather, 'precipitation'>): Course {
  const fallen = fallenLately(weather)
  return time => 0.5 + 0.02 * fallen(time)
}

/** What a sensor in the road calls its surface. */
export function surfaceCondition(surface: Course, film: Course) {
  return (time: number): (typeof SURFACE_CONDITIONS)[number] => {
    const water = film(time)
    if (water <= 0.01) return 'dry'
    if (surface(time) <= 0) return 'ice'
    return water > 0.2 ? 'wet' : 'moist'
  }
}

/** What falls, by the temperature of the air; rain that meets a frozen road freezes on it. */
export function precipitationType({ precipitation, airTemperature }: LocalWeather, surface: Course) {
  return (time: number): (typeof PRECIPITATION_TYPES)[number] => {
    if (precipitation(time) <= 0) return 'none'
    const air = airTemperature(time)
    if (air <= 0.5) return 'snow'
    if (surface(time) <= 0) return 'freezing-rain'
    return air < 2 ? 'sleet' : 'rain'
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
