import { z } from 'zod'
import { type QuantityName, quantity } from '../../model/quantity.ts'
import { findBeside, pointBeside } from './beside.ts'
import { type CelType, isFreeName, problemOf } from './cel.ts'
import type { Misfit, Watched } from './declaration.ts'

/** The point of the rule, in its expression. */
export const OWN_NAME = 'value'

const name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]*$/, 'use letters, digits and _, a lower-case letter first')
  .refine(name => name !== OWN_NAME, `${OWN_NAME} is the point of the rule itself`)
  .refine(isFreeName, 'is a word of the language: use another one')

export const expressionSchema = z
  .strictObject({
    type: z.literal('expression'),
    when: z
      .string()
      .min(1)
      .max(1000)
      .describe('In CEL, true or false: value is the point of the rule, the others are under points.'),
    points: z
      .record(name, pointBeside)
      .describe('Which other points it reads, under which names.')
      .default({}),
  })
  .describe('What an expression over several points says.')

const TYPES = { number: 'double', boolean: 'bool', string: 'string' } as const

/** How the value of a point is seen in an expression. */
export function celTypeOf(quantityName: QuantityName): CelType {
  return TYPES[quantity(quantityName).value]
}

export function checkExpression(
  { when, points: named }: z.output<typeof expressionSchema>,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
): Misfit | undefined {
  const types = new Map([[OWN_NAME, celTypeOf(point.quantityName)]])
  for (const [name, reference] of Object.entries(named)) {
    const other = findBeside(reference, point, points, ['points', name])
    if ('message' in other) return other
    types.set(name, celTypeOf(other.quantityName))
  }
  const message = problemOf(when, types)
  return message === undefined ? undefined : { path: ['when'], message: `${message} (for ${point.id})` }
}
