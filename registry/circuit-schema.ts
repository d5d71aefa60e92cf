import { z } from 'zod'
import { ID_PATTERN } from '../model/point-id.ts'
import { DRIVING_CONDITIONS } from '../model/winter-service.ts'
import { civilTimesFields } from './civil-times-schema.ts'
import { duration } from './duration.ts'
import { text } from './text-schema.ts'

/** Circuits of the winter service (viabilité hivernale), with what is promised for them season by season. */

const id = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')
/** Point de repère and metres behind it. */
const pk = z.string().regex(/^\d+\+\d{1,4}$/, 'write a point like 12+300')
const condition = z.enum(DRIVING_CONDITIONS)

const seasonSchema = z.strictObject({
  from: z.iso.date().describe('Local date.'),
  to: z.iso.date().describe('Local date, exclusive.'),
  serviceLevel: z.string().min(1).describe('Niveau de service, as the département names it: S1.'),
  hours: z
    .array(z.strictObject(civilTimesFields))
    .min(1)
    .describe('When it is in force; public holidays count as Sundays.'),
  returnTime: duration
    .describe('Délai de retour: within so long the reference condition is to be there again.')
    .optional(),
  reference: condition.describe('Condition de référence.').optional(),
  minimum: condition.describe('Condition minimale.').optional(),
})

const sectionSchema = z.strictObject({
  id,
  road: z.string().min(1),
  fromPk: pk,
  toPk: pk,
  label: z.string().min(1).optional(),
})

export const circuitSchema = z.strictObject({
  id,
  name: text,
  seasons: z.array(seasonSchema).min(1).describe('Past ones stay: a night is shown by the season it was in.'),
  sections: z.array(sectionSchema).min(1),
  stations: z
    .array(id)
    .describe('Sites of the kind road-station whose alerts are about this circuit.')
    .default([]),
  openData: z
    .boolean()
    .describe('Whether the driving conditions that its patrols record are published.')
    .default(false),
})

export type Circuit = z.output<typeof circuitSchema>
export type Season = Circuit['seasons'][number]
