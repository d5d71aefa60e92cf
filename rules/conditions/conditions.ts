import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { absenceCondition } from './absence.ts'
import { comparisonCondition } from './comparison.ts'
import type { Condition } from './condition.ts'
import { expressionCondition } from './expression.ts'
import { rateOfChangeCondition } from './rate-of-change.ts'
import { roadSurfaceCondition } from './road-surface.ts'
import { stuckCondition } from './stuck.ts'
import { thresholdCondition } from './threshold.ts'

/** The condition of a rule on one of its points: the list of the kinds there are. */
export function conditionOf(rule: Rule, point: Point, registry: Registry): Condition<unknown> {
  switch (rule.condition.type) {
    case 'threshold':
      return thresholdCondition(rule.condition, rule)
    case 'comparison':
      return comparisonCondition(rule.condition, rule, point, registry)
    case 'expression':
      return expressionCondition(rule.condition, rule, point, registry)
    case 'absence':
      return absenceCondition(rule.condition)
    case 'rate-of-change':
      return rateOfChangeCondition(rule.condition, rule)
    case 'stuck':
      return stuckCondition(rule.condition, rule)
    case 'road-surface':
      return roadSurfaceCondition(rule.condition, rule, point, registry)
    default:
      throw new Error(`no condition of the kind ${JSON.stringify(rule.condition satisfies never)}`)
  }
}
