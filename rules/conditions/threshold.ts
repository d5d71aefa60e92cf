import type { Rule } from '../../registry/registry.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { formatLimit, type LimitsMemory, watchLimits } from './limits.ts'

type ThresholdParameters = Extract<Rule['condition'], { type: 'threshold' }>

/** True beyond a limit, false again only when back by the hysteresis. */
export function thresholdCondition(
  condition: ThresholdParameters,
  rule: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
): Condition<LimitsMemory> {
  const { isKnown, ...watched } = watchLimits(
    { limits: [condition], reached: ({ firingSince }) => Number(firingSince !== undefined) },
    rule,
  )
  return {
    ...watched,
    judge: (memory, at) => ({
      verdict: isKnown(memory, at) ? memory.beyond > 0 : 'unknown',
      since: memory.since,
      value: memory.value,
    }),
    describe({ value, since }, point, timeZone) {
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        limit: formatLimit(condition, point.unit, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${point.label.fr} ${fr.value}, ${fr.limit} depuis le ${fr.since}`,
        en: `${point.label.en} ${en.value}, ${en.limit} since ${en.since}`,
      }
    },
  }
}
