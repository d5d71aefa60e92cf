import { z } from 'zod'
import type { QuantityName } from '../../model/quantity.ts'
import { duration } from '../duration.ts'
import { findBeside, pointBeside } from './beside.ts'
import { besideOf, VEHICLES } from './counter.ts'
import type { Misfit, Watched } from './declaration.ts'

export const congestionSchema = z
  .strictObject({
    type: z.literal('congestion'),
    period: duration.describe('What is counted and averaged together.').prefault('6min'),
    leastVehicles: z
      .number()
      .positive()
      .describe('In a period, for slow vehicles to be a congestion.')
      .default(12),
    speedBelow: z.number().positive().describe('Mean speed of a congestion, in km/h.').default(40),
    standstillBelow: z
      .number()
      .min(0)
      .describe('Mean speed of traffic that stands still, in km/h.')
      .default(10),
    speedHysteresis: z.number().min(0).describe('In km/h.').default(10),
    occupancyAbove: z
      .number()
      .min(0)
      .max(100)
      .describe('Occupancy of a congestion where no speed is known, in %.')
      .default(30),
    occupancyHysteresis: z.number().min(0).describe('In %.').default(10),
    vehicles: pointBeside
      .describe('Where the device has several: which one counts them. Named as in a comparison.')
      .optional(),
    speed: pointBeside.describe('Likewise, of the mean speed.').optional(),
    occupancy: pointBeside.describe('Likewise, of the occupancy.').optional(),
  })
  .refine(({ speedBelow, standstillBelow }) => standstillBelow < speedBelow, {
    path: ['standstillBelow'],
    message: 'must be less than speedBelow',
  })
  .describe('Many vehicles are slow at a traffic counter, or stand on it.')

/** The parts of a counter, and which quantities tell them, the best first. */
export const COUNTER_PARTS = {
  vehicles: VEHICLES,
  speed: ['mean-speed'],
  occupancy: ['road-occupancy'],
} as const satisfies Record<string, readonly QuantityName[]>

export function checkCongestion(
  condition: z.output<typeof congestionSchema>,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
): Misfit | undefined {
  const { id, quantityName, interval } = point
  if (!['mean-speed', 'road-occupancy'].includes(quantityName))
    return { path: [], message: `${id} is ${quantityName}: select the mean-speed or road-occupancy` }
  for (const part of ['vehicles', 'speed', 'occupancy'] as const) {
    const [named, quantities] = [condition[part], COUNTER_PARTS[part] as readonly QuantityName[]]
    if (named !== undefined) {
      const found = findBeside(named, point, points, [part])
      if ('message' in found) return found
      if (!quantities.includes(found.quantityName))
        return {
          path: [part],
          message: `${found.id} is ${found.quantityName}, not ${quantities.join(' or ')}`,
        }
    }
    const [first, second] = besideOf(point, named, quantities, points)
    if (second && !quantities.includes(quantityName))
      return { path: [part], message: `${id} may belong to ${first!.id} or ${second.id}: name one` }
    if (part === 'vehicles' && !first)
      return { path: [], message: `${id} cannot tell congestion: its device has no ${VEHICLES.join(' or ')}` }
  }
  if (condition.period >= interval) return undefined
  return { path: ['period'], message: `${id} speaks every ${interval / 1000} s only: allow so long, or more` }
}
