import { z } from 'zod'
import { duration } from '../duration.ts'
import { findBeside, pointBeside } from './beside.ts'
import { VEHICLES } from './counter.ts'
import type { Misfit, Watched } from './declaration.ts'

export const countingFailureSchema = z
  .strictObject({
    type: z.literal('counting-failure'),
    after: duration.describe('How long nothing must be counted to be suspicious.').prefault('30min'),
    usually: z
      .number()
      .positive()
      .describe('Vehicles that usually pass in that time, at this hour of the day, for none to be a failure.')
      .default(20),
    others: z
      .number()
      .positive()
      .describe(
        'Vehicles that another lane, or a neighbour, counts in that time, where this one counts none.',
      )
      .default(20),
    lanes: z
      .array(pointBeside)
      .describe('The other lanes; without it, what else counts vehicles on the same device.')
      .optional(),
    nearby: z.number().min(0).max(200).describe('How far its neighbours are at most, in km.').default(30),
    blockedFrom: z
      .number()
      .min(0)
      .max(100)
      .describe('Occupancy from which on, with no vehicle, the detector is blocked, in %.')
      .default(95),
    most: z
      .number()
      .positive()
      .describe('More vehicles an hour than can pass; of one lane, so give more for several.')
      .default(3000),
    period: duration.describe('Over which they are counted.').prefault('6min'),
  })
  .describe('A traffic counter is heard, but does not count what passes.')

export function checkCountingFailure(
  { after, period, lanes = [] }: z.output<typeof countingFailureSchema>,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
): Misfit | undefined {
  const { id, quantityName, interval } = point
  if (!VEHICLES.includes(quantityName))
    return { path: [], message: `${id} is ${quantityName}: select the ${VEHICLES.join(' or ')}` }
  for (const [index, lane] of lanes.entries()) {
    const found = findBeside(lane, point, points, ['lanes', index])
    if ('message' in found) return found
    if (!VEHICLES.includes(found.quantityName))
      return { path: ['lanes', index], message: `${found.id} is ${found.quantityName}, which counts nobody` }
  }
  const speaks = `${id} speaks every ${interval / 1000} s only`
  if (after < 2 * interval) return { path: ['after'], message: `${speaks}: allow twice as long, or more` }
  if (period < interval) return { path: ['period'], message: `${speaks}: allow so long, or more` }
  return undefined
}
