import { isDeepStrictEqual } from 'node:util'
import type { Registry, Rule } from '../registry/registry.ts'

/**
 * `<rule> <point>` of what both registries judge alike: whatever runs of it may go on. Both have the same points. Whom a
 * rule tells, what it advises and what inhibits it are looked up when they are needed.
 */
export function judgingAsBefore(
  { rules: before }: Pick<Registry, 'rules'>,
  { rules: after }: Pick<Registry, 'rules'>,
): ReadonlySet<string> {
  const kept = new Set<string>()
  for (const rule of after.values()) {
    const was = before.get(rule.id)
    if (!was || !isDeepStrictEqual(judgementOf(was), judgementOf(rule))) continue
    const points = new Set(was.points.map(({ id }) => id))
    for (const { id } of rule.points) if (points.has(id)) kept.add(`${rule.id} ${id}`)
  }
  return kept
}

function judgementOf({ points: _, channels: __, advice: ___, inhibitedBy: ____, ...judgement }: Rule) {
  return judgement
}
