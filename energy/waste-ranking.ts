/** What a finding counts in a ranking, and of which meters it tells. */
export interface Weighed {
  meters: readonly string[]
  value: number
}

/** How the meters of a site make up what it uses. */
export interface CountedMeter {
  id: string
  within?: string | undefined
  /** Whether it is in the site's sum; one that is not is a part of the one that it is within. */
  counted: boolean
}

/**
 * What a site wastes at least: findings of one meter, or of a meter and its parts, may tell of the same use, so that
 * only the greatest of each counts, and so do those of several meters beside the sum of all.
 */
export function leastWaste(findings: readonly Weighed[], meters: readonly CountedMeter[]): number {
  const greatest = (some: readonly Weighed[]) => some.reduce((most, { value }) => Math.max(most, value), 0)
  const sumOf = (some: readonly CountedMeter[]): number =>
    some.reduce((sum, meter) => sum + wasteOf(meter), 0)
  const wasteOf = ({ id }: CountedMeter): number =>
    Math.max(
      greatest(findings.filter(each => each.meters.length === 1 && each.meters[0] === id)),
      sumOf(meters.filter(part => !part.counted && part.within === id)),
    )
  return Math.max(
    sumOf(meters.filter(({ counted }) => counted)),
    greatest(findings.filter(each => each.meters.length > 1)),
  )
}

/** The items with the greatest values, the greatest first; those without any are left out. */
export function rankBy<T>(items: readonly T[], worthOf: (item: T) => number, limit: number): T[] {
  return items
    .map(item => ({ item, value: worthOf(item) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, limit)
    .map(({ item }) => item)
}
