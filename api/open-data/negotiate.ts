interface Range {
  type: string
  weight: number
}

/**
 * What an Accept header prefers of what is offered (RFC 9110, 12.5.1): each offer has the weight of the most specific
 * range that names it; of those with the same weight the first. Undefined where it takes none of them.
 * @param accept absent: anything
 */
export function negotiate<T extends { type: string }>(
  accept: string | undefined,
  offers: readonly T[],
): T | undefined {
  const ranges = (accept?.trim() || '*/*').split(',').map(readRange)
  const weighed = offers.map(offer => ({ offer, weight: weightOf(offer.type, ranges) }))
  return weighed.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)[0]?.offer
}

function weightOf(type: string, ranges: readonly Range[]): number {
  const [main] = type.split('/')
  for (const name of [type, `${main}/*`, '*/*']) {
    const range = ranges.find(each => each.type === name)
    if (range) return range.weight
  }
  return 0
}

function readRange(text: string): Range {
  const [type, ...parameters] = text
    .toLowerCase()
    .split(';')
    .map(each => each.trim())
  const weight = parameters.find(each => each.startsWith('q='))?.slice(2) ?? '1'
  return { type: type!, weight: Number(weight) || 0 }
}
