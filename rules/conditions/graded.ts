import { conversion } from '../../model/units.ts'
import type { Point, Rule } from '../../registry/registry.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Judgement } from './condition.ts'
import { formatLimit, type LimitsMemory, watchLimits } from './limits.ts'
import { reachedBefore } from './side.ts'

type GradedParameters = Extract<Rule['condition'], { type: 'graded' }>

/** The grade that a value has reached: one alert, which worsens and eases. */
export function gradedCondition(
  { grades, unit }: GradedParameters,
  rule: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay' | 'severity'>,
  { unit: ofPoint }: Point,
): Condition<LimitsMemory> {
  const shown = unit ?? ofPoint
  const convert = conversion(ofPoint, shown)!
  const phenomena = grades.map(({ phenomenon }) => phenomenon)
  const { isKnown, ...watched } = watchLimits(
    {
      limits: grades,
      ...(shown !== ofPoint && { convert }),
      reached: beginning => reachedBefore(phenomena, beginning),
    },
    rule,
  )

  return {
    ...watched,
    judge(memory, at): Judgement {
      const { since, value, danger, beyond } = memory
      const grade = grades[beyond - 1]
      if (!isKnown(memory, at)) return { verdict: 'unknown', since, value }
      if (!grade) return { verdict: false, since, value }
      const { phenomenon, severity = rule.severity } = grade
      return { verdict: true, since, danger, value, phenomenon, severity }
    },
    describe({ phenomenon, value, since }, point, timeZone) {
      const grade = grades.find(grade => grade.phenomenon === phenomenon)!
      const inUnit = typeof value === 'number' ? convert(value) : value
      const say = (language: 'fr' | 'en') => ({
        what: `${grade.name[language]}, ${point.label[language]} ${formatValue(inUnit, shown, language)}`,
        limit: formatLimit(grade, shown, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${fr.what}, ${fr.limit} depuis le ${fr.since}`,
        en: `${en.what}, ${en.limit} since ${en.since}`,
      }
    },
  }
}
