import { z } from 'zod'
import { ALERT_EVENT_TYPES, SEVERITIES } from '../../model/alert.ts'
import { DRIVING_CONDITIONS } from '../../model/winter-service.ts'
import { responseSchema } from '../alerts/responses.ts'
import { instantSchema, localTimeSchema, textSchema } from '../fields.ts'
import { sectionSchema } from './circuits.ts'
import { entrySchema, sealSchema } from './entry-schema.ts'

const condition = z.enum(DRIVING_CONDITIONS).nullable()
const levelFields = {
  state: z.enum(['in-force', 'out-of-hours', 'out-of-season']),
  serviceLevel: z.string().nullable().describe('Niveau de service; null out of season'),
  returnTimeSeconds: z.number().nullable().describe('Délai de retour'),
  reference: condition.describe('Condition de référence'),
  minimum: condition.describe('Condition minimale'),
}
const levelSchema = z.strictObject(levelFields).meta({ id: 'ServiceLevel' })

const alertFields = {
  id: z.string(),
  site: z.string(),
  severity: z.enum(SEVERITIES),
  phenomenon: z.string().nullable(),
  message: textSchema,
  firedAt: instantSchema,
  decision: z
    .string()
    .nullable()
    .describe('The entry that decides for this circuit on it as it stood here; null: nobody has, it is open'),
}

const rowSchema = z.strictObject({
  time: instantSchema,
  level: levelSchema.describe('What was in force then'),
  alert: z
    .strictObject({
      ...alertFields,
      type: z.enum(ALERT_EVENT_TYPES),
      actor: z.string(),
      before: z.boolean().describe('It was live when the night began: how it stood then'),
      seal: sealSchema,
    })
    .nullable(),
  response: responseSchema
    .extend({ alert: z.string(), seal: sealSchema })
    .nullable()
    .describe('Who went to an alert'),
  entry: entrySchema
    .nullable()
    .describe('A correction follows what it corrects, and has the time of what is right'),
})

export const nightSchema = z.strictObject({
  date: z.iso.date(),
  from: localTimeSchema.describe('Noon'),
  to: localTimeSchema.describe('Noon of the day after'),
  at: instantSchema.describe('When this was put together'),
  registry: z.string().describe('SHA-256 of the registry that the service levels are of'),
  chain: z.strictObject({
    length: z.int().describe('How many events are in the hash chain'),
    hash: z.string().describe('Its head, which vouches for all of them'),
  }),
  circuits: z.array(
    z.strictObject({
      id: z.string(),
      name: textSchema,
      sections: z.array(sectionSchema),
      levels: z.array(z.strictObject({ from: localTimeSchema, to: localTimeSchema, ...levelFields })),
      alerts: z.array(z.strictObject(alertFields)),
      rows: z.array(rowSchema).describe('In order of time'),
    }),
  ),
})

export type AnsweredNight = z.output<typeof nightSchema>
export type AnsweredRow = z.output<typeof rowSchema>
export type AnsweredLevel = z.output<typeof levelSchema>
