import { z } from 'zod'
import { SEVERITIES } from '../../model/alert.ts'
import { ID_PATTERN } from '../../model/point-id.ts'
import { quantity } from '../../model/quantity.ts'
import { conversion, UNITS } from '../../model/units.ts'
import { text } from '../text-schema.ts'
import type { Misfit, Watched } from './declaration.ts'
import { hasOneLimit, limitFields, ONE_LIMIT } from './threshold.ts'

const gradeSchema = z
  .strictObject({
    phenomenon: z
      .string()
      .regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')
      .describe('What it is known by.'),
    name: text.describe('What people read.'),
    ...limitFields,
    severity: z.enum(SEVERITIES).describe('That of the rule, where none is given.').optional(),
  })
  .refine(hasOneLimit, ONE_LIMIT)

type Grade = z.output<typeof gradeSchema>

export const gradedSchema = z
  .strictObject({
    type: z.literal('graded'),
    grades: z
      .array(gradeSchema)
      .min(1)
      .max(10)
      .refine(
        grades => grades.every((grade, i) => i === 0 || isFurtherOut(grade, grades[i - 1]!)),
        'each grade must be further out than the one before: all above and rising, or all below and falling',
      )
      .refine(
        grades => new Set(grades.map(({ phenomenon }) => phenomenon)).size === grades.length,
        'two grades have the same phenomenon',
      )
      .describe('From the one that is reached first on.'),
    unit: z.enum(UNITS).describe('Of the limits; that of the point, where none is given.').optional(),
  })
  .describe('Beyond limits, of which each has a name and a severity; back from each only by its hysteresis.')

function isFurtherOut({ above, below }: Grade, before: Grade): boolean {
  if (above !== undefined) return before.above !== undefined && above > before.above
  return below !== undefined && before.below !== undefined && below < before.below
}

export function checkGraded({ unit }: z.output<typeof gradedSchema>, point: Watched): Misfit | undefined {
  if (quantity(point.quantityName).value !== 'number')
    return { path: [], message: `${point.id} is ${point.quantityName}, which has no grades` }
  if (unit === undefined || conversion(point.unit, unit)) return undefined
  return { path: ['unit'], message: `${point.id} is in ${point.unit}, which is never ${unit}` }
}
