import type { Logger } from 'pino'
import type { Foresight } from '../model/forecast.ts'
import type { Point, Registry, Rule } from '../registry/registry.ts'
import type { WatchPlan } from './catch-up.ts'
import { conditionOf } from './conditions/conditions.ts'

/**
 * Every rule on every point of it, point by point: what is looked at together then lies together in memory. What cannot
 * begin is left out and said so.
 */
export function planWatches(
  registry: Registry,
  log: Logger,
  foresee: Foresight,
  isMeant: (rule: Rule, point: Point) => boolean = () => true,
): WatchPlan[] {
  const plans = [...registry.rules.values()].flatMap(rule =>
    rule.points.flatMap(point => {
      if (!isMeant(rule, point)) return []
      try {
        return [{ rule, point, condition: conditionOf(rule, point, registry, foresee) }]
      } catch (error) {
        log.error({ err: error, rule: rule.id, point: point.id }, 'a rule cannot begin')
        return []
      }
    }),
  )
  return [...Map.groupBy(plans, ({ point }) => point).values()].flat()
}
