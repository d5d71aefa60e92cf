import { z } from 'zod'
import { isTime } from '../../model/time.ts'
import {
  DRIVING_CONDITIONS,
  TREATMENT_PRODUCTS,
  WINTER_DECISIONS,
  WINTER_PHENOMENA,
} from '../../model/winter-service.ts'
import { idParameter, instantSchema } from '../fields.ts'

/** What is sent to be recorded, and what is answered. */

export const timeField = z.iso
  .datetime({ offset: true, abort: true, error: 'write an instant like 2026-11-22T02:30:00.000Z' })
  .refine(text => isTime(Date.parse(text)), 'lies before 1970 or after 2100')
export const entryId = z.uuid().toLowerCase()
const [time, id] = [timeField, entryId]
export const photoHash = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256, in lower-case hex')
const photos = z.array(photoHash).min(1).max(3)
const words = z.string().trim().min(1).max(1000)
const sections = z.array(idParameter).min(1).max(100)
const dosage = z.number().positive().max(1000)

const common = {
  time: time.describe('When it happened, by the clock of whoever records it; of a treatment its start'),
  circuit: idParameter,
}
const condition = {
  kind: z.literal('condition'),
  section: idParameter,
  condition: z.enum(DRIVING_CONDITIONS),
  phenomenon: z.enum(WINTER_PHENOMENA),
}
const decision = { kind: z.literal('decision'), decision: z.enum(WINTER_DECISIONS), reason: words }
const treatment = {
  kind: z.literal('treatment'),
  end: time,
  product: z.enum(TREATMENT_PRODUCTS).describe('none: it was only ploughed'),
}
const remark = words.optional()
const answers = idParameter.optional().describe('The alert that it answers')

const sentCondition = { ...condition, ...common, remark }
const sentDecision = {
  ...decision,
  ...common,
  alert: answers,
  remark,
}
const sentTreatment = {
  ...treatment,
  ...common,
  dosage: dosage.optional().describe('g/m²; not of the product none'),
  sections: sections.optional().describe('Without them: the whole circuit'),
  alert: answers,
  photos: photos.optional().describe('SHA-256 of photos that were sent before'),
  remark,
}

const sentFact = z.discriminatedUnion('kind', [
  z.strictObject(sentCondition),
  z.strictObject(sentDecision),
  z.strictObject(sentTreatment),
])

export const sentEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ id, ...sentCondition }),
  z.strictObject({ id, ...sentDecision }),
  z.strictObject({ id, ...sentTreatment }),
  z.strictObject({
    id,
    kind: z.literal('correction'),
    time: time.describe('When it is corrected'),
    corrects: id.describe('The entry that was wrong'),
    reason: words,
    replacement: sentFact.optional().describe('What is right; without it, the entry is withdrawn'),
  }),
])

const answeredCondition = { ...condition, ...common, time: instantSchema, remark: words.nullable() }
const answeredDecision = {
  ...decision,
  ...common,
  time: instantSchema,
  alert: z.string().nullable(),
  remark: words.nullable(),
}
const answeredTreatment = {
  ...treatment,
  ...common,
  time: instantSchema,
  end: instantSchema,
  dosage: dosage.nullable().describe('g/m²'),
  sections: sections.nullable().describe('null: the whole circuit'),
  alert: z.string().nullable(),
  photos: z.array(photoHash).describe('SHA-256, by which `/v1/winter-service/photos/:hash` has them'),
  remark: words.nullable(),
}

export const sealSchema = z
  .strictObject({
    position: z.int().describe('In the hash chain of alert events'),
    hash: z.string().describe('SHA-256, hex'),
  })
  .meta({ id: 'Seal' })

const kept = {
  id: z.string(),
  author: z.string(),
  received: instantSchema.describe("By the hub's clock"),
  correctedBy: z.string().nullable().describe('The entry that corrects this one'),
  seal: sealSchema,
}

const answeredFact = z.discriminatedUnion('kind', [
  z.strictObject(answeredCondition),
  z.strictObject(answeredDecision),
  z.strictObject(answeredTreatment),
])

export const entrySchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...kept, ...answeredCondition }),
    z.strictObject({ ...kept, ...answeredDecision }),
    z.strictObject({ ...kept, ...answeredTreatment }),
    z.strictObject({
      ...kept,
      kind: z.literal('correction'),
      time: instantSchema,
      corrects: z.string(),
      reason: words,
      replacement: answeredFact.nullable().describe('null: the entry is withdrawn'),
    }),
  ])
  .meta({ id: 'WinterEntry' })

export type SentEntry = z.output<typeof sentEntrySchema>
export type SentFact = z.output<typeof sentFact>
export type AnsweredEntry = z.output<typeof entrySchema>
export type AnsweredFact = z.output<typeof answeredFact>
