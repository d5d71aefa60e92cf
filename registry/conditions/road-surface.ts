import { z } from 'zod'
import { SEVERITIES } from '../../model/alert.ts'
import type { QuantityName } from '../../model/quantity.ts'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'

const kelvin = z.number().min(0).max(10)

export const roadSurfaceSchema = z
  .strictObject({
    type: z.literal('road-surface'),
    watchMargin: kelvin.describe('Above freezing from which on the surface is watched, in K.').default(1),
    clearMargin: kelvin.describe('Above freezing from which on it is no danger, in K.').default(0.5),
    hoarMargin: kelvin.describe('Below the frost point at which hoar forms, in K.').default(0.5),
    dewMargin: kelvin.describe('Above the dew point at which the surface may become moist, in K.').default(1),
    hoarAfter: duration.describe('How long it must be so cold for hoar.').prefault('30min'),
    warmFor: duration.describe('How long it must be warm until the danger is over.').prefault('15min'),
    dryFor: duration
      .describe(
        'How long it must be dry, without precipitation, until the danger is over, however cold it is.',
      )
      .prefault('30min'),
    dries: duration
      .describe('Where no sensor tells: how long after precipitation the surface counts as moist.')
      .prefault('6h'),
    watchSeverity: z
      .enum(SEVERITIES)
      .describe('Of WATCH, and of UNKNOWN while frost is possible.')
      .default('warning'),
    unknownFor: duration
      .describe('How long the state must be UNKNOWN, while frost is possible, to be told like WATCH.')
      .prefault('15min'),
    nearby: z.number().min(0).max(200).describe('How far its neighbours are at most, in km.').default(30),
    nearbyBelow: z
      .number()
      .describe('The temperature of a neighbour, or of a forecast, below which frost is possible, in °C.')
      .default(3),
  })
  .describe(
    'Ice, hoar, snow and freezing rain on a road, from the surface temperature and what else its station measures.',
  )

const MOISTURE: readonly QuantityName[] = [
  'surface-condition',
  'water-film',
  'precipitation',
  'precipitation-rate',
  'precipitation-type',
]

/** A station that cannot tell a danger would never show it. */
export function checkRoadSurface(point: Watched, points: ReadonlyMap<string, Watched>): Misfit | undefined {
  const { id, quantityName } = point
  if (quantityName !== 'surface-temperature')
    return { path: [], message: `${id} is ${quantityName}: select points of the surface-temperature` }
  const site = new Set(
    [...points.values()].filter(({ site }) => site === point.site).map(each => each.quantityName),
  )
  if (!MOISTURE.some(name => site.has(name)))
    return { path: [], message: `${point.site} cannot tell ice: it has none of ${MOISTURE.join(', ')}` }
  if (!site.has('air-temperature') || !(site.has('relative-humidity') || site.has('dew-point')))
    return {
      path: [],
      message: `${point.site} cannot tell hoar: it needs air-temperature, and relative-humidity or dew-point`,
    }
  return undefined
}
