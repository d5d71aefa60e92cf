import { z } from 'zod'
import { quantity } from '../../model/quantity.ts'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'

export const stuckSchema = z
  .strictObject({
    type: z.literal('stuck'),
    after: duration.describe('For how long.'),
    within: z
      .number()
      .min(0)
      .describe('What does not move by more than this is stuck, in the unit of the point.')
      .default(0),
  })
  .describe('A value that should move has said the same for so long, though it was heard.')

export function checkStuck(
  { after, within }: z.output<typeof stuckSchema>,
  point: Watched,
): Misfit | undefined {
  if (within > 0 && quantity(point.quantityName).value !== 'number')
    return { path: ['within'], message: `${point.id} is ${point.quantityName}, which is no number` }
  if (after >= 2 * point.interval) return undefined
  return {
    path: ['after'],
    message: `${point.id} speaks every ${point.interval / 1000} s only: allow twice as long, or more`,
  }
}
