import { z } from 'zod'
import { ACCOUNT_GAPS, type AccountGap, USE_SOURCES, type YearAccount } from '../../energy/year-account.ts'
import { ENERGIES, PURCHASE_UNITS } from '../../model/energy.ts'
import { flooredShare, numberOf } from '../fields.ts'

export const yearParameter = z.coerce.number().int().min(2010).max(2100).optional()
const setFields = { name: z.string(), version: z.string() }
export const factorFields = z.strictObject({
  ...setFields,
  primaryEnergy: z.strictObject(setFields),
  transportFuels: z.strictObject(setFields),
})

export const emissionSourceSchema = z
  .string()
  .nullable()
  .describe('Where the registry has the emission factor from; null where it is of the set, or there is none')

export const gapSchema = z.strictObject({ what: z.enum(ACCOUNT_GAPS), energy: z.enum(ENERGIES).nullable() })

export const lineSchema = z.strictObject({
  energy: z.enum(ENERGIES),
  unitLabel: z.string().describe('As bought'),
  amount: z.number().nullable().describe('In the unit; null where a month has no figure'),
  source: z.enum(USE_SOURCES),
  coverage: z.number().min(0).max(1),
  finalEnergy: z.number().nullable().describe('kWh PCI'),
  kgCO2e: z.number().nullable(),
  emissionSource: emissionSourceSchema,
})

/** The energies of an account as answers show them: rounded only here, to what JSON holds. */
export function describeLines({ lines }: YearAccount): z.output<typeof lineSchema>[] {
  return lines.map(({ energy, amount, source, coverage, finalEnergy, kgCO2e, emissionSource }) => ({
    energy,
    unitLabel: PURCHASE_UNITS[energy],
    amount: numberOf(amount),
    source,
    coverage: flooredShare(coverage),
    finalEnergy: numberOf(finalEnergy),
    kgCO2e: numberOf(kgCO2e),
    emissionSource,
  }))
}

export function perArea(decimal: string | null, area: number | undefined): number | null {
  return decimal === null || area === undefined ? null : Number(decimal) / area
}

/** A gap as the files tell it: `no-consumption:gaz`. */
export function gapText({ what, energy }: AccountGap): string {
  return energy === null ? what : `${what}:${energy}`
}
