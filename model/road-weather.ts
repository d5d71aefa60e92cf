import { type QuantityName, quantity } from './quantity.ts'
import type { Value } from './reading.ts'
import type { PRECIPITATION_TYPES, SURFACE_CONDITIONS } from './road-state.ts'

/** What a road station tells of the weather and of the road: its faults and its supply are not for the public. */
export const ROAD_WEATHER_QUANTITIES = [
  'air-temperature',
  'surface-temperature',
  'freezing-temperature',
  'dew-point',
  'relative-humidity',
  'surface-condition',
  'water-film',
  'precipitation',
  'precipitation-type',
  'precipitation-rate',
  'wind-speed',
  'wind-gust',
  'wind-direction',
  'visibility',
  'air-pressure',
] as const satisfies readonly QuantityName[]
export type RoadWeatherQuantity = (typeof ROAD_WEATHER_QUANTITIES)[number]

export function isRoadWeather(name: QuantityName): name is RoadWeatherQuantity {
  return (ROAD_WEATHER_QUANTITIES as readonly string[]).includes(name)
}

/** A number that stands for a state. */
export interface StateCode {
  code: number
  fr: string
  en: string
}

type SurfaceCondition = (typeof SURFACE_CONDITIONS)[number]
type PrecipitationType = (typeof PRECIPITATION_TYPES)[number]

/** The codes of Digitraffic's sensors KELI_1 and KELI_2 (https://tie.digitraffic.fi/api/weather/v1/sensors). */
const SURFACE_CODES: Record<SurfaceCondition, StateCode> = {
  dry: { code: 1, fr: 'Sèche', en: 'Dry' },
  moist: { code: 2, fr: 'Humide', en: 'Moist' },
  wet: { code: 3, fr: 'Mouillée', en: 'Wet' },
  salted: { code: 4, fr: 'Mouillée et salée', en: 'Wet and salty' },
  frost: { code: 5, fr: 'Givrée', en: 'Frost' },
  snow: { code: 6, fr: 'Enneigée', en: 'Snow' },
  ice: { code: 7, fr: 'Verglacée', en: 'Ice' },
  slush: { code: 9, fr: 'Neige fondante', en: 'Slushy' },
}

/** Codes of our own. */
const PRECIPITATION_CODES: Record<PrecipitationType, StateCode> = {
  none: { code: 0, fr: 'Aucune', en: 'None' },
  drizzle: { code: 1, fr: 'Bruine', en: 'Drizzle' },
  rain: { code: 2, fr: 'Pluie', en: 'Rain' },
  sleet: { code: 3, fr: 'Pluie et neige mêlées', en: 'Sleet' },
  snow: { code: 4, fr: 'Neige', en: 'Snow' },
  hail: { code: 5, fr: 'Grêle', en: 'Hail' },
  'freezing-rain': { code: 6, fr: 'Pluie verglaçante', en: 'Freezing rain' },
}

const YES_OR_NO: Record<string, StateCode> = {
  false: { code: 0, fr: 'Non', en: 'No' },
  true: { code: 1, fr: 'Oui', en: 'Yes' },
}

/** The codes of what a sensor says in words; empty where it says numbers. */
export function stateCodes(name: RoadWeatherQuantity): Readonly<Record<string, StateCode>> {
  if (name === 'surface-condition') return SURFACE_CODES
  if (name === 'precipitation-type') return PRECIPITATION_CODES
  return quantity(name).value === 'boolean' ? YES_OR_NO : {}
}

/** What a sensor says as a number, a state by its code; undefined where there is none, as of an unknown word. */
export function asNumber(name: RoadWeatherQuantity, value: Value): number | undefined {
  return typeof value === 'number' ? value : stateCodes(name)[String(value)]?.code
}
