import { relativeHumidity } from '../../model/psychrometrics.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { WeatherRecording } from '../recordings.ts'
import { between, seedOf, smoothNoise } from './random.ts'

/** The recorded station keeps UTC−5: its days come five hours after ours. */
const RECORDED_LAG_HOURS = 5
const COMMON_YEAR_HOURS = 8760
const FEBRUARY_29 = 59 * 24

/** A quantity as a continuous function of time (ms UTC). */
export type Course = (time: number) => number

/** The weather of the territory, the recorded year again and again. */
export interface Weather {
  /** °C */
  airTemperature: Course
  /** Air temperature minus dew point, K. */
  spread: Course
  /** m/s */
  windSpeed: Course
  /** mm/h, the same through each hour */
  precipitation: Course
  /** km */
  visibility: Course
}

/** Weather at a place, with what follows from it. */
export interface LocalWeather extends Weather {
  /** °C */
  dewPoint: Course
  /** % */
  relativeHumidity: Course
}

/** Each year is the recorded one, on the same dates and hours, warmer or colder by a slow drift of up to 2 K. */
export function replayWeather(recording: WeatherRecording, seed: number): Weather {
  const drift = seedOf(seed, 'drift')
  const airTemperature = replayYear(recording.airTemperature)
  return {
    airTemperature: time => airTemperature(time) + 2 * smoothNoise(drift, time / (9 * DAY_MS)),
    spread: replayYear(recording.spread),
    windSpeed: replayYear(recording.windSpeed),
    precipitation: replayYear(recording.precipitation, true),
    visibility: replayYear(recording.visibility),
  }
}

/** The weather shifted for one place. */
export function localWeather(weather: Weather, seed: number): LocalWeather {
  const offset = between(seed, 1, -1.2, 1.2)
  const dryness = between(seed, 2, 0.85, 1.15)
  const exposure = between(seed, 3, 0.7, 1.2)
  const rain = between(seed, 4, 0.8, 1.2)
  const airTemperature: Course = time =>
    weather.airTemperature(time) + offset + 0.4 * smoothNoise(seed, time / (2 * HOUR_MS))
  const spread: Course = time => weather.spread(time) * dryness
  const dewPoint: Course = time => airTemperature(time) - spread(time)
  return {
    airTemperature,
    spread,
    dewPoint,
    relativeHumidity: time => {
      const air = airTemperature(time)
      return relativeHumidity(air, air - spread(time))
    },
    windSpeed: time =>
      weather.windSpeed(time) * exposure * (1 + 0.2 * smoothNoise(seed, time / (HOUR_MS / 6))),
    precipitation: time => weather.precipitation(time) * rain,
    visibility: weather.visibility,
  }
}

/** m/s. Modelled: a quarter to three quarters above the mean. */
export function windGust({ windSpeed }: Pick<Weather, 'windSpeed'>, seed: number): Course {
  return time => windSpeed(time) * (1.5 + 0.25 * smoothNoise(seed, time / (HOUR_MS / 12)))
}

/**
 * An hour of any year is the same date and hour of the recorded one; straight lines between the hours, or
 * steps. The year closes on itself, so that no jump marks its end.
 */
export function replayYear(recorded: Float64Array, steps = false): Course {
  const common = Float64Array.from(
    { length: COMMON_YEAR_HOURS + 1 },
    (_, hour) => recorded[(hour + RECORDED_LAG_HOURS) % COMMON_YEAR_HOURS]!,
  )
  const leap = withFebruary29(common)
  let year: Float64Array = common
  let start = 0
  let end = 0
  return time => {
    if (time < start || time >= end) {
      const number = new Date(time).getUTCFullYear()
      start = Date.UTC(number, 0, 1)
      end = Date.UTC(number + 1, 0, 1)
      year = end - start === COMMON_YEAR_HOURS * HOUR_MS ? common : leap
    }
    const at = (time - start) / HOUR_MS
    const hour = Math.floor(at)
    const value = year[hour]!
    return steps ? value : value + (year[hour + 1]! - value) * (at - hour)
  }
}

/** The 29th goes over from the 1st of March to the 28th of February: it meets both its neighbours. */
function withFebruary29(common: Float64Array): Float64Array {
  const day = Float64Array.from({ length: 24 }, (_, hour) => {
    const share = hour / 24
    return common[FEBRUARY_29 + hour]! * (1 - share) + common[FEBRUARY_29 - 24 + hour]! * share
  })
  return Float64Array.from([...common.subarray(0, FEBRUARY_29), ...day, ...common.subarray(FEBRUARY_29)])
}
