import { z } from 'zod'
import { OUTLOOK_MS } from '../../model/road-outlook.ts'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'
import { checkRoadSurface, roadSurfaceSchema } from './road-surface.ts'

const { hoarMargin, hoarAfter, dries } = roadSurfaceSchema.shape

export const iceOutlookSchema = z
  .strictObject({
    type: z.literal('ice-outlook'),
    within: duration
      .refine(ms => ms <= OUTLOOK_MS, 'is longer than the 3 h that the outlook looks ahead')
      .describe('How soon ice or hoar must be expected, 3 h at most.')
      .prefault('3h'),
    clearMargin: z
      .number()
      .min(0)
      .max(10)
      .describe('Over when none would be expected even if the surface were colder by so much, in K.')
      .default(0.5),
    ...{ hoarMargin, hoarAfter, dries },
  })
  .describe('Ice or hoar is to be expected on a road within three hours: modelled, not measured.')

/** What cannot tell the danger cannot tell it ahead. */
export function checkIceOutlook(point: Watched, points: ReadonlyMap<string, Watched>): Misfit | undefined {
  return checkRoadSurface(point, points)
}
