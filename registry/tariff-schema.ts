import { z } from 'zod'
import { FLUIDS } from '../model/fluid.ts'
import { ID_PATTERN } from '../model/point-id.ts'
import { civilTimesFields } from './civil-times-schema.ts'

/** What a fluid costs, in euros without VAT: per kWh, or m³ where the site's consumption is in m³. */
export const tariffSchema = z.strictObject({
  id: z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens'),
  name: z.string().min(1),
  fluid: z.enum(FLUIDS),
  from: z.iso.date().describe('Local date; without it, from the beginning.').optional(),
  to: z.iso.date().describe('Local date, exclusive; without it, until further notice.').optional(),
  prices: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        price: z.number().min(0).describe('Per kWh or m³.'),
        ...civilTimesFields,
      }),
    )
    .min(1)
    .describe('The first that fits holds; the last has no months, days or hours.'),
  taxes: z
    .array(z.strictObject({ name: z.string().min(1), price: z.number().min(0).describe('Per kWh or m³.') }))
    .default([]),
  fixedPerMonth: z.number().min(0).describe('For each meter that refers to it.').default(0),
  vat: z.number().min(0).max(100).describe('In percent.').default(0),
  fixedVat: z.number().min(0).max(100).describe('Of what is fixed, where it is another.').optional(),
})

/** The tariff of a meter between local dates; `to` is exclusive. */
export const tariffReferenceSchema = z.strictObject({
  tariff: z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens'),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
})
