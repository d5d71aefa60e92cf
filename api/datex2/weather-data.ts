import type { Value } from '../../model/reading.ts'
import type { PRECIPITATION_TYPES, SURFACE_CONDITIONS } from '../../model/road-state.ts'
import type { RoadWeatherQuantity } from '../../model/road-weather.ts'
import type { Unit } from '../../model/units.ts'
import { el, type XmlElement } from './xml.ts'

/** A type of weather data, and what is in it for a value; undefined for a word that DATEX II has none for. */
export interface WeatherData {
  /** A value of MeasuredOrDerivedDataTypeEnum; the type of the element is the same with a capital. */
  type: string
  write(value: Value, unit: Unit): XmlElement[] | undefined
}

/** WeatherRelatedRoadConditionTypeEnum. It has no word for hoar that its documentation does not give to snow. */
const SURFACES: Record<(typeof SURFACE_CONDITIONS)[number], string> = {
  dry: 'dry',
  moist: 'moist',
  wet: 'wet',
  salted: 'wet',
  frost: 'slippery',
  slush: 'slushOnRoad',
  snow: 'snowOnTheRoad',
  ice: 'ice',
}

/** PrecipitationTypeEnum. */
const PRECIPITATION: Record<(typeof PRECIPITATION_TYPES)[number], string> = {
  none: 'noPrecipitation',
  drizzle: 'drizzle',
  rain: 'rain',
  sleet: 'sleet',
  snow: 'snow',
  hail: 'hail',
  'freezing-rain': 'freezingRain',
}

const number = (write: (value: number, unit: Unit) => XmlElement[]): WeatherData['write'] => {
  return (value, unit) => (typeof value === 'number' ? write(value, unit) : undefined)
}
const temperature = (name: string): WeatherData => ({
  type: 'temperatureInformation',
  write: number(value => [el('roa:temperature', el(name, el('com:temperature', value)))]),
})
const surface = (name: string, unit: string, scale = 1): WeatherData => ({
  type: 'roadSurfaceConditionInformation',
  write: number(value => [el('roa:roadSurfaceConditionMeasurements', el(name, el(unit, value * scale)))]),
})
const wind = (name: string, unit: string, convert = (value: number) => value): WeatherData => ({
  type: 'windInformation',
  write: number(value => [el('roa:wind', el(name, el(unit, convert(value))))]),
})

/**
 * How each quantity is told in DATEX II (EN 16157-5): the names are the same in 2.3 and 3.5, without namespaces in 2.3.
 * Distances are in m, precipitation in mm/h, wind in m/s, pressure in hPa.
 */
export const WEATHER_DATA: Record<RoadWeatherQuantity, WeatherData> = {
  'air-temperature': temperature('com:airTemperature'),
  'dew-point': temperature('com:dewPointTemperature'),
  'surface-temperature': surface('com:roadSurfaceTemperature', 'com:temperature'),
  'freezing-temperature': surface('com:protectionTemperature', 'com:temperature'),
  'water-film': surface('com:waterFilmThickness', 'com:distance', 0.001),
  'surface-condition': {
    type: 'roadSurfaceConditionInformation',
    write(value) {
      const word = SURFACES[value as keyof typeof SURFACES]
      return word === undefined
        ? undefined
        : [el('roa:weatherRelatedRoadConditionType', word), el('roa:roadSurfaceConditionMeasurements', [])]
    },
  },
  'relative-humidity': {
    type: 'humidityInformation',
    write: number(value => [el('roa:humidity', el('com:relativeHumidity', el('com:percentage', value)))]),
  },
  precipitation: {
    type: 'precipitationInformation',
    write: value => (typeof value === 'boolean' ? [el('roa:noPrecipitation', !value)] : undefined),
  },
  'precipitation-type': {
    type: 'precipitationInformation',
    write(value) {
      const word = PRECIPITATION[value as keyof typeof PRECIPITATION]
      return word === undefined
        ? undefined
        : [el('roa:precipitationDetail', el('com:precipitationType', word))]
    },
  },
  'precipitation-rate': {
    type: 'precipitationInformation',
    write: number(value => [
      el(
        'roa:precipitationDetail',
        el('com:precipitationIntensity', el('com:millimetresPerHourIntensity', value)),
      ),
    ]),
  },
  'wind-speed': wind('com:windSpeed', 'com:windSpeed'),
  'wind-gust': wind('com:maximumWindSpeed', 'com:windSpeed'),
  // 0 to 359, whole.
  'wind-direction': wind(
    'com:windDirectionBearing',
    'com:directionBearing',
    value => ((Math.round(value) % 360) + 360) % 360,
  ),
  visibility: {
    type: 'visibilityInformation',
    write: number((value, unit) => {
      const metres = Math.round(unit === 'km' ? value * 1000 : value)
      return [
        el('roa:visibility', el('com:minimumVisibilityDistance', el('com:integerMetreDistance', metres))),
      ]
    }),
  },
  'air-pressure': {
    type: 'pressureInformation',
    write: number(value => [el('roa:pressure', el('com:pressureValue', el('com:pressure', value)))]),
  },
}
