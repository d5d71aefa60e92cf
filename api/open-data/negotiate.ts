import { readWeighted, type Weighted } from '../weighted.ts'

/**
 * What an Accept header prefers of what is offered (RFC 9110, 12.5.1): each offer has the weight of the most specific
 * range that names it; of those with the same weight the first. Undefined where it takes none of them.
 * @param accept absent: anything
 */
export function negotiate<T extends { type: string }>(
  accept: string | undefined,
  offers: readonly T[],
): T | undefined {
  const ranges = readWeighted(accept?.trim() || '*/*')
  const weighed = offers.map(offer => ({ offer, weight: weightOf(offer.type, ranges) }))
  return weighed.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)[0]?.offer
}

function weightOf(type: string, ranges: readonly Weighted[]): number {
  const [main] = type.split('/')
  for (const name of [type, `${main}/*`, '*/*']) {
    const range = ranges.find(each => each.name === name)
    if (range) return range.weight
  }
  return 0
}
