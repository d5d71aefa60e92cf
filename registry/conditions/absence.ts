import { z } from 'zod'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'

export const absenceSchema = z
  .strictObject({ type: z.literal('absence'), after: duration.describe('For how long.') })
  .describe('A point has said nothing good for so long.')

export function checkAbsence({ after }: z.output<typeof absenceSchema>, point: Watched): Misfit | undefined {
  if (after > point.interval) return undefined
  return { path: ['after'], message: `${point.id} speaks every ${point.interval / 1000} s only: allow more` }
}
