import type { Foresight } from '../../model/forecast.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { absenceCondition } from './absence.ts'
import { comparisonCondition } from './comparison.ts'
import type { Condition } from './condition.ts'
import { congestionCondition } from './congestion.ts'
import { countingFailureCondition } from './counting-failure.ts'
import { deviationCondition } from './deviation.ts'
import { expressionCondition } from './expression.ts'
import { findingCondition } from './finding.ts'
import { gradedCondition } from './graded.ts'
import { hotWaterCondition } from './hot-water.ts'
import { iceOutlookCondition } from './ice-outlook.ts'
import { rateOfChangeCondition } from './rate-of-change.ts'
import { roadSurfaceCondition } from './road-surface.ts'
import { stuckCondition } from './stuck.ts'
import { thresholdCondition } from './threshold.ts'

/** Hundreds of rules on each point are looked at again and again: what is not there twice is found quickly. */
const sharedConditions = new WeakMap<Rule, Condition<unknown>>()

/**
 * The condition of a rule on one of its points, or on all of them where it asks nothing else.
 * @param foresee what forecasts expect; without it there are none
 */
export function conditionOf(
  rule: Rule,
  point: Point,
  registry: Registry,
  foresee?: Foresight,
): Condition<unknown> {
  const { condition } = rule
  switch (condition.type) {
    case 'comparison':
      return comparisonCondition(condition, rule, point, registry)
    case 'deviation':
      return deviationCondition(condition, rule, point, registry)
    case 'expression':
      return expressionCondition(condition, rule, point, registry)
    case 'finding':
      return findingCondition(condition, rule, point, registry)
    case 'graded':
      return gradedCondition(condition, rule, point)
    case 'hot-water':
      return hotWaterCondition(condition, rule, point)
    case 'congestion':
      return congestionCondition(condition, rule, point, registry)
    case 'counting-failure':
      return countingFailureCondition(condition, rule, point, registry)
    case 'road-surface':
      return roadSurfaceCondition(condition, rule, point, registry, foresee)
    case 'ice-outlook':
      return iceOutlookCondition(condition, rule, point, registry, foresee)
    default: {
      const shared = sharedConditions.get(rule) ?? makeCondition(rule, condition)
      sharedConditions.set(rule, shared)
      return shared
    }
  }
}

type OfAnyPoint = Exclude<
  Rule['condition'],
  {
    type:
      | 'comparison'
      | 'congestion'
      | 'counting-failure'
      | 'deviation'
      | 'expression'
      | 'finding'
      | 'graded'
      | 'hot-water'
      | 'ice-outlook'
      | 'road-surface'
  }
>

/** The list of the kinds that are the same for every point. */
function makeCondition(rule: Rule, condition: OfAnyPoint): Condition<unknown> {
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
