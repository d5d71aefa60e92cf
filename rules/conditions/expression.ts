import { pointIdBeside } from '../../model/point-id.ts'
import type { Value } from '../../model/reading.ts'
import { compileExpression } from '../../registry/conditions/cel.ts'
import { celTypeOf, OWN_NAME } from '../../registry/conditions/expression.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { jointCondition } from './joint.ts'

type ExpressionParameters = Extract<Rule['condition'], { type: 'expression' }>

/** What a CEL expression over several points says; what it cannot say of what is known is unknown. */
export function expressionCondition(
  { when, points }: ExpressionParameters,
  rule: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  point: Point,
  registry: Registry,
): Condition<unknown> {
  const named = new Map([[OWN_NAME, point]])
  for (const [name, reference] of Object.entries(points))
    named.set(name, registry.points.get(pointIdBeside(reference, point))!)
  const types = new Map([...named].map(([name, { quantityName }]) => [name, celTypeOf(quantityName)]))
  const evaluate = compileExpression(when, types)

  return jointCondition(
    {
      others: [...named.values()],
      decide(known) {
        const values = new Map<string, Value>()
        for (const [name, each] of named) {
          const value = known(each)
          if (value !== undefined) values.set(name, value)
        }
        return evaluate(values)
      },
      describe({ value, since }, _, timeZone) {
        const [fr, en] = (['fr', 'en'] as const).map(language => ({
          value: formatValue(value, point.unit, language),
          since: formatTime(since.now, timeZone, language),
        }))
        return {
          fr: `${point.label.fr} ${fr!.value}, « ${when} » depuis le ${fr!.since}`,
          en: `${point.label.en} ${en!.value}, “${when}” since ${en!.since}`,
        }
      },
    },
    rule,
    point,
  )
}
