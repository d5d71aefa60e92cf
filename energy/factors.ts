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
const headSchema = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  source: z.string().min(1),
  checked: z.iso.date(),
})
const factorSetSchema = headSchema.extend({ energies: z.partialRecord(z.enum(ENERGIES), factorSchema) })
const primaryEnergySchema = headSchema.extend({
  energies: z.partialRecord(
    z.enum(ENERGIES),
    z.number().positive().describe('kWh of primary energy in a kWh of final energy (PCI).'),
  ),
})

/** What an energy is worth; `source` where its emissions are not of the set. */
export type Factor = z.output<typeof factorSchema> & {
  source?: string
  /** kWh of primary energy in a kWh of final energy, where it is known. */
  primaryEnergy?: number | undefined
}

export interface FactorSet extends z.output<typeof factorSetSchema> {
  energies: Partial<Record<Energy, Factor>>
  /** Where primary energy is from, and what fuels of vehicles are worth. */
  primaryEnergy: z.output<typeof headSchema>
  transportFuels: z.output<typeof headSchema>
}

/** What an energy emits that no set tells, such as that of a heating network, which has its own figure each. */
export interface StatedFactor {
  energy: Energy
  /** Of a kWh of final energy. */
  kgCO2e: number
  source: string
  /** Whose energy it is; all by default. */
  sites?: readonly string[] | undefined
}

/** Reads the set of the décret tertiaire, and beside it those of primary energy and of the fuels of vehicles. */
export async function loadFactors(): Promise<FactorSet> {
  const read = async (name: string) =>
    parse(await readFile(new URL(`factors/${name}.yaml`, import.meta.url), 'utf8'))
  const set = factorSetSchema.parse(await read('decret-tertiaire'))
  const { energies: primary, ...primaryEnergy } = primaryEnergySchema.parse(await read('primary-energy'))
  const { energies: fuels, ...transportFuels } = factorSetSchema.parse(await read('transport-fuels'))
  const energies: FactorSet['energies'] = {}
  for (const energy of ENERGIES) {
    const factor = set.energies[energy] ?? fuels[energy]
    if (factor) energies[energy] = { ...factor, primaryEnergy: primary[energy] }
  }
  return { ...set, energies, primaryEnergy, transportFuels }
}

/** The sets as answers name them. */
export function namesOf({ name, version, primaryEnergy, transportFuels }: FactorSet) {
  const nameOf = (set: { name: string; version: string }) => ({ name: set.name, version: set.version })
  return {
    ...nameOf({ name, version }),
    primaryEnergy: nameOf(primaryEnergy),
    transportFuels: nameOf(transportFuels),
  }
}

/** The set as it holds for a site: where it tells no emissions of an energy, those that are stated do. */
export function factorsOf(set: FactorSet, stated: readonly StatedFactor[], site: string): FactorSet {
  const energies = { ...set.energies }
  for (const { energy, kgCO2e, source, sites } of stated) {
    const factor = energies[energy]
    if (!factor || factor.kgCO2e !== undefined || !(sites?.includes(site) ?? true)) continue
    energies[energy] = { ...factor, kgCO2e, source }
  }
  return { ...set, energies }
}

/** What applies to a fluid metered in kWh; undefined where the unit needs a conversion first, or none is known. */
export function factorOf({ energies }: FactorSet, fluid: Fluid, unit: Unit) {
  return unit === 'kW.h' && isEnergy(fluid) ? energies[fluid] : undefined
}

/** Whether a fluid is an energy: water is none. */
export function isEnergy(fluid: Fluid): fluid is Fluid & Energy {
  return fluid !== 'eau'
}
