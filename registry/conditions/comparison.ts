import { z } from 'zod'
import { quantity } from '../../model/quantity.ts'
import { conversion } from '../../model/units.ts'
import { findBeside, pointBeside } from './beside.ts'
import type { Misfit, Watched } from './declaration.ts'
import { hasOneLimit, limitFields, ONE_LIMIT } from './threshold.ts'

export const comparisonSchema = z
  .strictObject({ type: z.literal('comparison'), with: pointBeside, ...limitFields })
  .refine(hasOneLimit, ONE_LIMIT)
  .describe(
    'The value less that of another point, in the unit of the value, is beyond a limit; over only when back by the hysteresis.',
  )

export function checkComparison(
  condition: z.output<typeof comparisonSchema>,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
): Misfit | undefined {
  if (quantity(point.quantityName).value !== 'number')
    return { path: [], message: `${point.id} is ${point.quantityName}, of which there is no difference` }
  const path = ['with']
  const other = findBeside(condition.with, point, points, path)
  if ('message' in other) return other
  if (other.id === point.id) return { path, message: `${point.id} would be compared with itself` }
  if (quantity(other.quantityName).value !== 'number')
    return { path, message: `${other.id} is ${other.quantityName}, of which there is no difference` }
  if (conversion(other.unit, point.unit)) return undefined
  return {
    path,
    message: `${other.id} is in ${other.unit}, ${point.id} in ${point.unit}: there is no difference between them`,
  }
}
