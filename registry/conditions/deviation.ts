import { z } from 'zod'
import { quantity } from '../../model/quantity.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Misfit, Watched } from './declaration.ts'

export const deviationSchema = z
  .strictObject({
    type: z.literal('deviation'),
    weeks: z
      .int()
      .min(4)
      .max(26)
      .describe('From how many of the last weeks it learns what is usual.')
      .default(8),
    tolerance: z
      .number()
      .positive()
      .describe('How far is far, in standard deviations of what is usual (from the median deviation).')
      .default(4),
    atLeast: z
      .number()
      .min(0)
      .describe(
        'What is less far than this is not told, in the unit of the point; by default 2 K, and of other units a tenth of what a busy hour tells.',
      )
      .optional(),
    direction: z.enum(['above', 'below', 'either']).describe('Which way is told.').default('above'),
  })
  .describe(
    'The mean of the last hour, or of an index what it counted, is far from what is usual at this hour of such a day.',
  )

/** What it learns from are hours: each needs two readings, or it is no hour of its own. */
const LONGEST_INTERVAL_MS = HOUR_MS / 2

export function checkDeviation(point: Watched): Misfit | undefined {
  const { value } = quantity(point.quantityName)
  if (value !== 'number')
    return { path: [], message: `${point.id} is ${point.quantityName}, of which no hour is usual` }
  if (point.interval <= LONGEST_INTERVAL_MS) return undefined
  return {
    path: [],
    message: `${point.id} speaks every ${point.interval / 1000} s only: an hour needs two of its readings`,
  }
}
