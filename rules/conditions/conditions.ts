import type { Rule } from '../../registry/registry.ts'
import { absenceCondition } from './absence.ts'
import type { Condition } from './condition.ts'
import { thresholdCondition } from './threshold.ts'

/** The condition of a rule: the list of the kinds there are. */
export function conditionOf(rule: Rule): Condition<unknown> {
  switch (rule.condition.type) {
    case 'threshold':
      return thresholdCondition(rule.condition, rule)
    case 'absence':
      return absenceCondition(rule.condition)
    default:
      throw new Error(`no condition of the kind ${JSON.stringify(rule.condition satisfies never)}`)
  }
}
