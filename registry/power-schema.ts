import { z } from 'zod'
import { ID_PATTERN } from '../model/point-id.ts'
import { civilTimesFields } from './civil-times-schema.ts'

/** What power the contract of a meter has, between local dates; `to` is exclusive. */
export const subscribedSchema = z.strictObject({
  from: z.iso.date().describe('Local date; without it, from the beginning.').optional(),
  to: z.iso.date().describe('Local date, exclusive; without it, until further notice.').optional(),
  unit: z.enum(['kW', 'kV.A']),
  activeFactor: z
    .number()
    .positive()
    .max(1)
    .describe('How many kW one kVA counts as where overruns are judged by active power: 0.93 above 36 kVA.')
    .optional(),
  powers: z
    .array(z.strictObject({ name: z.string().min(1), power: z.number().positive(), ...civilTimesFields }))
    .min(1)
    .describe('By time class: the first that fits holds; the last has no months, days or hours.'),
})

/** Of a meter of reactive energy: beside which meter of active energy it stands, and when what it counts matters. */
export const reactiveSchema = z.strictObject({
  of: z.string().regex(ID_PATTERN).describe('The meter of active energy.'),
  limit: z.number().positive().describe('What of it is free, in kvarh for each kWh (tan phi).').default(0.4),
  ...civilTimesFields,
})
