import { z } from 'zod'
import { quantity } from '../../model/quantity.ts'
import type { Misfit, Watched } from './declaration.ts'

export const limitFields = {
  above: z.number().describe('The limit, or else below.').optional(),
  below: z.number().describe('The limit, or else above.').optional(),
  hysteresis: z.number().min(0).describe('How far it must be back within the limit to be over.').default(0),
}
export const ONE_LIMIT = 'give either above or below'

export function hasOneLimit({ above, below }: { above?: number; below?: number }): boolean {
  return (above === undefined) !== (below === undefined)
}

export const thresholdSchema = z
  .strictObject({ type: z.literal('threshold'), ...limitFields })
  .refine(hasOneLimit, ONE_LIMIT)
  .describe('Beyond a limit; over only when back by the hysteresis.')

export function checkThreshold(point: Watched): Misfit | undefined {
  if (quantity(point.quantityName).value === 'number') return undefined
  return { path: [], message: `${point.id} is ${point.quantityName}, which has no threshold` }
}
