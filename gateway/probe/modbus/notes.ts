import type { Sighting } from './decodings.ts'
import type { Likeness } from './identify.ts'

/** What a file of the registry says of how sure it is: everything here is pure. */

/** Scores that differ by less say nothing. */
const AS_LIKELY = 0.05

/** On the model that a unit was taken for, the likeliest first. */
export function noteOnModel(unit: number, [best, ...others]: readonly Likeness[]): string {
  if (!best) return `Left out: unit ${unit}, which is like none of the models.`
  const { model, plausible, points, score } = best
  const rivals = others.filter(other => score - other.score < AS_LIKELY).map(other => other.model)
  const asLikely = rivals.length > 0 ? `; as likely: ${rivals.join(', ')}` : ''
  return `unit-${unit}: ${model} is a guess by its registers (${plausible.length} of ${points} points are plausible)${asLikely}. Compare with the plate.`
}

/** On the other decodings that the display fitted as well. */
export function noteOnFits(others: readonly Pick<Sighting, 'decoding' | 'scale'>[]): string[] {
  if (others.length === 0) return []
  const named = others.map(({ decoding: { types, wordOrder, byteOrder }, scale }) =>
    [types[0], `wordOrder ${wordOrder}`, `byteOrder ${byteOrder}`, `scale ${scale}`].join(' '),
  )
  return [`The display fits these as well: ${named.join('; ')}. Compare again when it has moved on.`]
}
