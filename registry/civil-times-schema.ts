import { z } from 'zod'

const CLOCK_SPAN = /^(?:[01]\d|2[0-3]):(?:00|15|30|45)-(?:(?:[01]\d|2[0-3]):(?:00|15|30|45)|24:00)$/

/** Times of the civil calendar, of prices and of opening hours; without months, days or hours, all of them. */
export const civilTimesFields = {
  months: z.array(z.int().min(1).max(12)).min(1).optional(),
  days: z.array(z.int().min(1).max(7)).min(1).describe('1 is Monday, 7 Sunday.').optional(),
  hours: z
    .array(z.string().regex(CLOCK_SPAN, 'write civil times like 22:00-06:00, in quarters of an hour'))
    .min(1)
    .describe('Civil times of those days; 22:00-06:00 is their evening and their early morning.')
    .optional(),
}
