import { formatDecimal, multiplyDecimals, toDecimal } from '../model/decimal.ts'

/**
 * What final energy is to be, by the relative method of the décret tertiaire (arrêté of 10 April 2020, checked
 * on 2026-11-26): 40, 50 and 60 % below the reference year. Absolute values and modulations are determined
 * by the national platform.
 */
export const TERTIARY_TARGETS = [
  { year: 2030, reduction: 0.4, share: '0.6' },
  { year: 2040, reduction: 0.5, share: '0.5' },
  { year: 2050, reduction: 0.6, share: '0.4' },
] as const

/** The targets of a reference in kWh PCI, an exact decimal; null where it is not known. */
export function tertiaryTargets(reference: string | null): (string | null)[] {
  return TERTIARY_TARGETS.map(({ share }) => (reference === null ? null : shareOf(reference, share)))
}

/** An exact share of a reference, both decimals. */
export function shareOf(reference: string, share: string): string {
  return formatDecimal(multiplyDecimals(toDecimal(reference), toDecimal(share)))
}

/**
 * The share of the reference on the straight line from the reference year to the first target and from each
 * to the next: for steering, since the targets are of their years only. A float.
 */
export function tertiaryPath(referenceYear: number, year: number): number {
  let [from, share] = [referenceYear, 1]
  for (const target of TERTIARY_TARGETS) {
    const aim = 1 - target.reduction
    if (year <= target.year) return share + ((aim - share) * Math.max(0, year - from)) / (target.year - from)
    ;[from, share] = [target.year, aim]
  }
  return share
}

/** Of public bodies (Code de l'énergie, L. 235-2, checked on 2026-11-27). */
export const PUBLIC_BODY_BASE_YEAR = 2021

/** The share of 2021 that is left of a public body's final energy after 1.9 % of 2021 less each year, exact. */
export function publicBodyShare(year: number): string {
  const thousandths = Math.max(0, 1000 - 19 * Math.max(0, year - PUBLIC_BODY_BASE_YEAR))
  return formatDecimal({ digits: BigInt(thousandths), scale: 3 })
}
