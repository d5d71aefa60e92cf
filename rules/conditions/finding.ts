import { pointIdBeside } from '../../model/point-id.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { ageOf, costOf } from '../../registry/derived/findings.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { formatEuros, formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { jointCondition } from './joint.ts'

type FindingParameters = Extract<Rule['condition'], { type: 'finding' }>

/** It is told once a day: what was told before yesterday says nothing of today. */
const TOLD_FOR_MS = 2 * DAY_MS

const SINCE = { fr: 'depuis le', en: 'since' } as const

/** True when more was wasted in the last days than is let pass, false when nothing like it is found any more. */
export function findingCondition(
  { above }: FindingParameters,
  { onDelay, offDelay }: Pick<Rule, 'onDelay' | 'offDelay'>,
  point: Point,
  registry: Registry,
): Condition<unknown> {
  const beside = (name: string) => registry.points.get(pointIdBeside(name, point))
  const [age, cost] = [beside(ageOf(point.name)), beside(costOf(point.name))]

  return jointCondition(
    {
      others: [age, cost].filter(other => other !== undefined),
      decide(known) {
        const value = known(point)
        return typeof value === 'number' ? value > above : 'unknown'
      },
      beside(heard) {
        const said = (other: Point | undefined) => other && heard.get(other.id)
        const [found, began, price] = [heard.get(point.id), said(age), said(cost)]
        // What was not said together is of another day.
        const isOfNow = (each: typeof found) => each && found && each.at.now === found.at.now
        return {
          ...(isOfNow(began) && { began: began!.at.now - Number(began!.value) * HOUR_MS }),
          ...(isOfNow(price) && { cost: Number(price!.value) }),
        }
      },
      describe({ value, beside: { began, cost } = {} }, _, timeZone) {
        const say = (language: 'fr' | 'en') => ({
          value: formatValue(value, point.unit, language),
          cost: cost === undefined ? '' : `, ${formatEuros(cost, language)}`,
          since: began === undefined ? '' : `, ${SINCE[language]} ${formatTime(began, timeZone, language)}`,
        })
        const [fr, en] = [say('fr'), say('en')]
        return {
          fr: `${point.label.fr} : ${fr.value} en sept jours${fr.cost}${fr.since}`,
          en: `${point.label.en}: ${en.value} in seven days${en.cost}${en.since}`,
        }
      },
    },
    { onDelay, offDelay, maxAge: TOLD_FOR_MS },
    point,
  )
}
