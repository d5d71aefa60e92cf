import { dewPoint, frostPoint, relativeHumidity } from '../../model/psychrometrics.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { RoadEvidence } from '../../model/road-state.ts'
import type { Point, Registry } from '../../registry/registry.ts'
import type { Known } from './heard.ts'
import { pointsNearby } from './nearby.ts'

/** What a station may tell of the road at one surface temperature, and of the air above. */
const QUANTITIES = [
  'freezing-temperature',
  'surface-condition',
  'water-film',
  'precipitation',
  'precipitation-rate',
  'precipitation-type',
  'air-temperature',
  'relative-humidity',
  'dew-point',
  'fault',
] as const satisfies readonly QuantityName[]
type StationQuantity = (typeof QUANTITIES)[number]

/** Thinner films are the noise of a dry surface, mm. */
const DRY_FILM = 0.01

export interface RoadStation {
  /** The surface temperature, and all else that its station tells of the road. */
  readonly points: readonly [Point, ...Point[]]
  /**
   * What is known of the road: nothing while the station reports a fault. `recentRain` tells whether precipitation
   * wetted it so lately that it counts as moist where no sensor tells.
   */
  evidence(known: (point: Point) => Known, recentRain: boolean): Omit<RoadEvidence, 'falling'>
}

/** The station of a surface temperature: what the same device tells, or else its site. */
export function roadStation(surface: Point, { points }: Registry): RoadStation {
  const site = [...points.values()].filter(point => point.site === surface.site)
  const station = Object.fromEntries(
    QUANTITIES.map(name => {
      const found = site.filter(({ quantityName }) => quantityName === name)
      const own = found.filter(({ device }) => device === surface.device)
      return [name, own.length > 0 ? own : found]
    }),
  ) as Record<StationQuantity, Point[]>
  const has = (...names: StationQuantity[]) => names.some(name => station[name].length > 0)
  const hasSurfaceSensor = has('surface-condition', 'water-film')
  const hasPrecipitation = has('precipitation', 'precipitation-rate', 'precipitation-type')

  return {
    points: [surface, ...Object.values(station).flat()],
    evidence(told, recentRain) {
      const known = station.fault.map(told).includes(true) ? () => undefined : told
      const valuesOf = (name: StationQuantity) => station[name].map(known)
      const numberOf = (name: StationQuantity) => valuesOf(name).find(value => typeof value === 'number')
      /** Words that nobody has defined tell nothing. */
      const wordsOf = (name: StationQuantity) =>
        station[name].map(point => {
          const value = known(point)
          return typeof value === 'string' && point.quantity.values?.includes(value) ? value : undefined
        })
      /** Of all that tell, the first that is not harmless: one wet lane is enough. */
      const worstOf = (words: (string | undefined)[], harmless: string) => {
        const told = words.filter(word => word !== undefined)
        return told.find(word => word !== harmless) ?? told[0]
      }
      const temperature = known(surface) as number | undefined
      const air = airOf(numberOf('air-temperature'), numberOf('relative-humidity'), numberOf('dew-point'))
      const conditions = wordsOf('surface-condition')
      const types = wordsOf('precipitation-type')
      const precipitation = anyOf([
        ...valuesOf('precipitation').map(value => (typeof value === 'boolean' ? value : undefined)),
        ...valuesOf('precipitation-rate').map(rate => (typeof rate === 'number' ? rate > 0 : undefined)),
        ...types.map(type => type && type !== 'none'),
      ])
      const sensed = () =>
        anyOf([
          ...conditions.map(word => word && word !== 'dry'),
          ...valuesOf('water-film').map(film => (typeof film === 'number' ? film > DRY_FILM : undefined)),
        ])
      const supposed = () =>
        anyOf([
          precipitation === undefined ? undefined : recentRain,
          temperature === undefined || air.dewPoint === undefined ? undefined : temperature <= air.dewPoint,
        ])
      return {
        ...air,
        surface: temperature,
        freezing: numberOf('freezing-temperature'),
        moist: hasSurfaceSensor ? sensed() : supposed(),
        precipitation: hasPrecipitation ? precipitation : false,
        condition: worstOf(conditions, 'dry'),
        precipitationType: worstOf(types, 'none'),
      }
    },
  }
}

/** Temperatures of the road and of the air above it, at the sites that are nearest. */
export function temperaturesNearby(surface: Point, registry: Registry, km: number): Point[] {
  return pointsNearby(surface, registry, km, ['surface-temperature', 'air-temperature'])
}

/** The moisture of the air, by whichever of its two measures there is; a dew point that is measured goes before. */
function airOf(temperature?: number, humidity?: number, measuredDew?: number) {
  const relative =
    humidity ??
    (temperature === undefined || measuredDew === undefined
      ? undefined
      : relativeHumidity(temperature, measuredDew))
  if (temperature === undefined || relative === undefined || relative <= 0)
    return { dewPoint: measuredDew, frostPoint: undefined }
  return {
    dewPoint: measuredDew ?? dewPoint(temperature, relative),
    frostPoint: frostPoint(temperature, relative),
  }
}

/** True where one is; unknown where none is but one is not known, or there are none. */
function anyOf(parts: readonly (boolean | '' | undefined)[]): boolean | undefined {
  if (parts.includes(true)) return true
  return parts.length === 0 || parts.includes(undefined) ? undefined : false
}
