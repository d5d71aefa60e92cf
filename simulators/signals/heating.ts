import type { Load } from './load.ts'
import type { Course, LocalWeather } from './weather.ts'

/** kWh that a cubic metre of water carries for each kelvin. */
const HEAT_CAPACITY = 1.163
/** By how much the radiators cool the water, K. */
const DROP = 15

/** The water of a heating circuit, whose supply follows the outdoor temperature: °C, and m³ for a load in kWh. */
export function heating(
  load: Load,
  { airTemperature }: LocalWeather,
): { supply: Course; return: Course; volume: Load } {
  const supply: Course = time => Math.min(75, Math.max(30, 60 - 1.5 * airTemperature(time)))
  const perKilowattHour = 1 / (HEAT_CAPACITY * DROP)
  return {
    supply,
    return: time => supply(time) - DROP,
    volume: {
      total: time => load.total(time) * perKilowattHour,
      rate: time => load.rate(time) * perKilowattHour,
    },
  }
}
