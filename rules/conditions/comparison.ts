import { pointIdBeside } from '../../model/point-id.ts'
import { conversion } from '../../model/units.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { jointCondition } from './joint.ts'
import { formatLimit, isBeyond } from './limits.ts'

type ComparisonParameters = Extract<Rule['condition'], { type: 'comparison' }>

/** A threshold of the value less that of another point, in the unit of the value. */
export function comparisonCondition(
  condition: ComparisonParameters,
  rule: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  point: Point,
  registry: Registry,
): Condition<unknown> {
  const other = registry.points.get(pointIdBeside(condition.with, point))!
  const convert = conversion(other.unit, point.unit)!
  // Of temperatures, differences are in kelvins.
  const unit = point.unit === 'Cel' ? 'K' : point.unit
  const isOfDevice = other.site === point.site && other.device === point.device

  return jointCondition(
    {
      others: [other],
      decide(known, before) {
        const [value, reference] = [known(point), known(other)]
        if (typeof value !== 'number' || typeof reference !== 'number') return 'unknown'
        return isBeyond(condition, value - convert(reference), before)
      },
      describe({ value, since }, _, timeZone) {
        const say = (language: 'fr' | 'en') => ({
          value: formatValue(value, point.unit, language),
          other: isOfDevice ? other.label[language] : `${other.label[language]} (${other.id})`,
          limit: formatLimit(condition, unit, language),
          since: formatTime(since.now, timeZone, language),
        })
        const [fr, en] = [say('fr'), say('en')]
        return {
          fr: `${point.label.fr} ${fr.value}, écart avec ${fr.other} ${fr.limit} depuis le ${fr.since}`,
          en: `${point.label.en} ${en.value}, difference from ${en.other} ${en.limit} since ${en.since}`,
        }
      },
    },
    rule,
    point,
  )
}
