import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { absenceCondition } from './absence.ts'
import type { Condition } from './condition.ts'
import { rateOfChangeCondition } from './rate-of-change.ts'
import { roadSurfaceCondition } from './road-surface.ts'
import { stuckCondition } from './stuck.ts'
import { thresholdCondition } from './threshold.ts'

/** Hundreds of rules on each point are looked at again and again: what is not there twice is found quickly. */
const sharedConditions = new WeakMap<Rule, Condition<unknown>>()

/** The condition of a rule on one of its points, or on all of them where it looks at nothing else. */
export function conditionOf(rule: Rule, point: Point, registry: Registry): Condition<unknown> {
  if (rule.condition.type === 'road-surface')
    return roadSurfaceCondition(rule.condition, rule, point, registry)
  const shared = sharedConditions.get(rule) ?? makeCondition(rule, rule.condition)
  sharedConditions.set(rule, shared)
  return shared
}

/** The list of the kinds there are, but for those that look at other points. */
function makeCondition(
  rule: Rule,
  condition: Exclude<Rule['condition'], { type: 'road-surface' }>,
): Condition<unknown> {
  switch (condition.type) {
    case 'threshold':
      return thresholdCondition(condition, rule)
    case 'absence':
      return absenceCondition(condition)
    case 'rate-of-change':
      return rateOfChangeCondition(condition, rule)
    case 'stuck':
      return stuckCondition(condition, rule)
    default:
      throw new Error(`no condition of the kind ${JSON.stringify(condition satisfies never)}`)
  }
}
