import { z } from 'zod'
import { ENERGIES } from '../model/energy.ts'
import { ID_PATTERN } from '../model/point-id.ts'

const year = z.int().min(2010).max(2100)

/** What a site used of an energy in a civil year, where an invoice tells it. */
export const yearlyUseSchema = z.strictObject({
  year,
  energy: z.enum(ENERGIES),
  amount: z
    .number()
    .min(0)
    .describe(
      'As bought: kWh; gas kWh PCS; fioul L; propane and granules kg; buches stères; gazole, essence and b100 L; gnv kg; autre kWh PCI. It stands for the meters of that energy, too.',
    ),
})

/** A functional zone of a building (Code de la construction, R. 175-3), and the meters that count for it. */
export const zoneSchema = z.strictObject({
  id: z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens'),
  name: z.string().min(1),
  meters: z.array(z.string().regex(ID_PATTERN)).describe('Ids of meters.').default([]),
  references: z
    .array(
      z.strictObject({
        meter: z.string().regex(ID_PATTERN).describe('One of the meters of the zone.'),
        source: z.string().min(1).describe('The study, or the data of the system, that it comes from.'),
        monthly: z
          .array(z.number().nonnegative())
          .length(12, 'write twelve amounts, from January to December')
          .describe('What is to be expected, in kWh (m³ of water), from January to December.'),
        tolerance: z
          .number()
          .positive()
          .describe('Beyond this it has drifted, % of the reference.')
          .default(10),
      }),
    )
    .describe('What the use of its meters is held against.')
    .default([]),
})

/** What an energy emits of which the sets of factors tell nothing. */
export const emissionFactorSchema = z.strictObject({
  energy: z.enum(['chaleur', 'froid', 'granules', 'buches', 'gnv', 'b100', 'autre']),
  kgCO2e: z.number().min(0).max(2).describe('Of a kWh of final energy (PCI).'),
  source: z.string().min(1).describe('The network and the text that tells it, with its year.'),
  sites: z
    .array(z.string().regex(ID_PATTERN))
    .min(1)
    .describe('Ids of the sites that have it; all by default.')
    .optional(),
})

export const TERTIARY_CASES = ['1a', '1b', '2', '3'] as const
export const PERIMETERS = ['own', 'shared', 'common'] as const

/** What the declaration of a building under the décret tertiaire says, beside its consumption. */
export const tertiarySchema = z.strictObject({
  case: z.enum(TERTIARY_CASES).describe('How the building comes under it.'),
  perimeter: z.enum(PERIMETERS).describe('Whose consumption it is: own, shared, or of the common parts.'),
  referenceYear: z.int().min(2010).max(2022).describe('Its consumption is in `yearly`, or in the figures.'),
  activities: z
    .array(z.strictObject({ name: z.string().min(1), floorArea: z.number().positive().describe('In m².') }))
    .min(1),
  declarant: z
    .string()
    .regex(/^\d{9}(?:\d{5})?$/, 'a SIREN has 9 digits, a SIRET 14')
    .describe('SIREN or SIRET of who declares.')
    .optional(),
  buildings: z.array(z.string().min(1)).describe('Ids of the buildings, as declared.').default([]),
  station: z.string().min(1).describe('The station of Météo-France, as declared.').optional(),
  vehicleCharging: z
    .array(z.strictObject({ year, amount: z.number().min(0).describe('kWh') }))
    .describe('Of the electricity, what charged vehicles: told apart, since it is no use of the building.')
    .default([]),
})
