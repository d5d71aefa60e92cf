import { z } from 'zod'
import { quantity } from '../../model/quantity.ts'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'

export const rateOfChangeSchema = z
  .strictObject({
    type: z.literal('rate-of-change'),
    by: z.number().positive().describe('In the unit of the point.'),
    within: duration.refine(ms => ms > 0, 'must be longer than nothing').describe('In the last so long.'),
    direction: z.enum(['rising', 'falling', 'either']).describe('Which way.').default('either'),
  })
  .describe('A value has risen or fallen by more than so much within so long; over when it no longer has.')

export function checkRateOfChange(
  { within }: z.output<typeof rateOfChangeSchema>,
  point: Watched,
): Misfit | undefined {
  if (quantity(point.quantityName).value !== 'number')
    return { path: [], message: `${point.id} is ${point.quantityName}, which neither rises nor falls` }
  if (within >= 2 * point.interval) return undefined
  return {
    path: ['within'],
    message: `${point.id} speaks every ${point.interval / 1000} s only: allow twice as long, or more`,
  }
}
