import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { ENERGIES, type Energy } from '../model/energy.ts'
import type { Fluid } from '../model/fluid.ts'
import type { Unit } from '../model/units.ts'

const factorSchema = z.strictObject({
  finalEnergy: z.number().positive().describe('kWh PCI of final energy in a unit as bought.'),
  kgCO2e: z.number().min(0).describe('Of a kWh of final energy.').optional(),
})

/** energy/factors/*.yaml: every figure that rests on a set carries its name and version. */
const factorSetSchema = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  source: z.string().min(1),
  checked: z.iso.date(),
  energies: z.partialRecord(z.enum(ENERGIES), factorSchema),
})

export type FactorSet = z.output<typeof factorSetSchema>

/** Reads the set of the décret tertiaire. */
export async function loadFactors(): Promise<FactorSet> {
  const file = new URL('factors/decret-tertiaire.yaml', import.meta.url)
  return factorSetSchema.parse(parse(await readFile(file, 'utf8')))
}

/** What applies to a fluid metered in kWh; undefined where the unit needs a conversion first, or none is known. */
export function factorOf({ energies }: FactorSet, fluid: Fluid, unit: Unit) {
  return unit === 'kW.h' && isEnergy(fluid) ? energies[fluid] : undefined
}

/** Whether a fluid is an energy: water is none. */
export function isEnergy(fluid: Fluid): fluid is Fluid & Energy {
  return fluid !== 'eau'
}
