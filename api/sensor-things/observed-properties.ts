import type { RoadWeatherQuantity } from '../../model/road-weather.ts'

/** Where the standard names of the Climate and Forecast conventions are defined. */
const CF = 'http://vocab.nerc.ac.uk/standard_name/'

const STANDARD_NAMES: Partial<Record<RoadWeatherQuantity, string>> = {
  'air-temperature': 'air_temperature',
  'surface-temperature': 'surface_temperature',
  'dew-point': 'dew_point_temperature',
  'relative-humidity': 'relative_humidity',
  'wind-speed': 'wind_speed',
  'wind-gust': 'wind_speed_of_gust',
  'wind-direction': 'wind_from_direction',
  visibility: 'visibility_in_air',
  'air-pressure': 'air_pressure',
}

/** Where a quantity is defined; undefined of one that only this project defines. */
export function definitionOf(quantity: RoadWeatherQuantity): string | undefined {
  const name = STANDARD_NAMES[quantity]
  return name && `${CF}${name}/`
}
