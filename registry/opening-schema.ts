import { z } from 'zod'
import { PUBLIC_HOLIDAYS } from '../model/opening.ts'
import { civilTimesFields } from './civil-times-schema.ts'

const closedPeriod = z.strictObject({
  name: z.string().min(1).optional(),
  from: z.iso.date().describe('Local date.'),
  to: z.iso.date().describe('Local date, exclusive.'),
})

export const publicHolidaysSchema = z
  .enum(PUBLIC_HOLIDAYS)
  .describe(
    'Which days are public holidays: those of the Code du travail, in Alsace and Moselle with Good Friday and 26 December.',
  )

export const schoolHolidaysSchema = z
  .array(closedPeriod)
  .describe('Of the school zone of the territory, as they are published: for the sites that close then.')

/** When people are in a site. */
export const openingSchema = z.strictObject({
  hours: z
    .array(z.strictObject(civilTimesFields))
    .min(1)
    .describe('Open whenever one of them fits; of an opening beyond midnight, write both days.'),
  closed: z.array(closedPeriod).describe('Closed all the same on these dates.').default([]),
  publicHolidays: z.enum(['closed', 'open']).default('closed'),
  schoolHolidays: z
    .enum(['closed', 'open'])
    .describe("Whether it closes in the territory's school holidays.")
    .default('open'),
})
