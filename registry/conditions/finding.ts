import { z } from 'zod'
import { FINDING_QUANTITIES, isFinding } from '../derived/findings.ts'
import type { Misfit, Watched } from './declaration.ts'

export const findingSchema = z
  .strictObject({
    type: z.literal('finding'),
    above: z
      .number()
      .min(0)
      .describe('What was wasted in the last seven days must be more than this, in the unit of the point.')
      .default(0),
  })
  .describe('The hub has found waste on a meter, once a day from complete figures; over when it finds none.')

export function checkFinding({ id, quantityName }: Watched): Misfit | undefined {
  if (isFinding(quantityName)) return undefined
  return { path: [], message: `${id} is ${quantityName}: select one of ${FINDING_QUANTITIES.join(', ')}` }
}
