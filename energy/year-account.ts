import { addDecimals, formatDecimal, multiplyDecimals, toDecimal } from '../model/decimal.ts'
import type { Energy } from '../model/energy.ts'
import type { FactorSet } from './factors.ts'

/** Where the use of a year is from: meters, the registry's yearly amounts, or purchases that were imported. */
export const USE_SOURCES = ['meters', 'stated', 'purchases'] as const

/** What was used of an energy in a year. */
export interface EnergyUse {
  energy: Energy
  /** An exact decimal as bought; null where it is not known. */
  amount: string | null
  source: (typeof USE_SOURCES)[number]
  /** Share of the year that good readings cover; 1 of what is stated or bought. */
  coverage: number
}

export interface AccountLine extends EnergyUse {
  /** kWh PCI, exact; null where the amount is not known, or no factor. */
  finalEnergy: string | null
  kgCO2e: string | null
  /** Where what it emits is from; null where it is of the set, or not known. */
  emissionSource: string | null
}

export const ACCOUNT_GAPS = [
  'no-energy',
  'no-consumption',
  'partly-measured',
  'no-conversion',
  'no-emission-factor',
] as const

/** What an account lacks, and of which energy. */
export interface AccountGap {
  what: (typeof ACCOUNT_GAPS)[number]
  energy: Energy | null
}

export interface YearAccount {
  lines: AccountLine[]
  /** kWh PCI, exact, without what charged vehicles; null where that of one energy is: a part is not the whole. */
  finalEnergy: string | null
  kgCO2e: string | null
  missing: AccountGap[]
}

/**
 * The account of a year: each energy as bought, in kWh PCI and kgCO2e, and their exact sums.
 *
 * @param charging kWh of electricity that charged vehicles: left out of the sums, and out of no line
 * @param unconverted energies whose meters count in a unit of which no kWh are known
 */
export function accountOf(
  uses: readonly EnergyUse[],
  { energies }: FactorSet,
  charging = 0,
  unconverted: readonly Energy[] = [],
): YearAccount {
  const lines = uses.map(use => ({
    ...use,
    ...energyAndCO2e(use.amount, energies[use.energy]),
    emissionSource: energies[use.energy]?.source ?? null,
  }))
  const missing: AccountGap[] = lines.flatMap(({ energy, amount, coverage, kgCO2e }) => {
    const gap = (what: AccountGap['what']) => ({ what, energy })
    if (amount === null) return [gap('no-consumption')]
    return [
      ...(coverage < 1 ? [gap('partly-measured')] : []),
      ...(kgCO2e === null ? [gap('no-emission-factor')] : []),
    ]
  })
  missing.push(...unconverted.map(energy => ({ what: 'no-conversion' as const, energy })))
  if (lines.length === 0) missing.push({ what: 'no-energy', energy: null })
  const whole = lines.length > 0 && unconverted.length === 0
  const charged = energyAndCO2e(String(-charging), energies.electricite)
  const parts = [...lines, ...(charging > 0 ? [charged] : [])]
  return {
    lines,
    finalEnergy: whole ? sumOf(parts.map(({ finalEnergy }) => finalEnergy)) : null,
    kgCO2e: whole ? sumOf(parts.map(({ kgCO2e }) => kgCO2e)) : null,
    missing,
  }
}

/** The exact sum; null where a part is, or there is none. */
export function sumOf(parts: readonly (string | null)[]): string | null {
  const known = parts.flatMap(part => (part === null ? [] : [toDecimal(part)]))
  return known.length === 0 || known.length < parts.length ? null : formatDecimal(known.reduce(addDecimals))
}

function energyAndCO2e(amount: string | null, factor: FactorSet['energies'][Energy]) {
  if (amount === null || !factor) return { finalEnergy: null, kgCO2e: null }
  const energy = multiplyDecimals(toDecimal(amount), toDecimal(factor.finalEnergy))
  return {
    finalEnergy: formatDecimal(energy),
    kgCO2e:
      factor.kgCO2e === undefined ? null : formatDecimal(multiplyDecimals(energy, toDecimal(factor.kgCO2e))),
  }
}
