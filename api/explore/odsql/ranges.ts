import type { Cell, Condition, Expression } from '../../../model/row-query.ts'
import { apply, constant } from './expressions.ts'
import { WIDTHS } from './instants.ts'
import type { Argument, Value } from './syntax.ts'
import { columnOf, type Field, OdsqlError, plainField, type Terms } from './terms.ts'
import { clockOf, literalAs, numberOf, type ValueType } from './values.ts'

/** How rows are grouped by ranges of a field. */
export interface Range {
  of: Expression
  /** What a row must meet to be in one. */
  within: Condition
  /** `width` of a time: the beginning of a range is told as the field is. */
  type: ValueType | 'local'
  /** What a group is called, by what it was grouped by. */
  label?(cell: Cell): string
}

/**
 * `range(field, 15)`, `range(field, 1 day)` and `range(field, *, 15, 20, *)`.
 * @throws OdsqlError
 */
export function resolveRange(to: readonly Argument[], terms: Terms): Range {
  const [first, ...bounds] = to
  if (first?.kind !== 'field' || bounds.length === 0)
    throw new OdsqlError(
      'range() takes a field and a width, like range(field, 15), or steps, like range(field, *, 15, 20, *)',
    )
  const field = plainField(first.name, terms)
  const isTime = field.type === 'date' || field.type === 'datetime'
  if (!isTime && field.type !== 'int' && field.type !== 'double')
    throw new OdsqlError(`Field ${field.name} has no ranges: it is ${field.type}`)
  const [width] = bounds as [Argument]
  if (bounds.length > 1) return stepped(field, bounds, terms)
  if (isTime) return spans(field, first, width, terms)
  return widths(field, width, terms)
}

function known({ column }: Field): Condition {
  return { kind: 'known', column, known: true }
}

function widths(field: Field, width: Argument, terms: Terms): Range {
  if (width.kind !== 'number' || width.value <= 0)
    throw new OdsqlError('The width of a range is a number above 0')
  const size = numberOf(width, terms).of
  const inWhole = field.type === 'int' && Number.isInteger(width.value)
  return {
    of: apply('multiply', apply('floor', apply('divide', columnOf(field), size)), size),
    within: known(field),
    type: 'double',
    label: cell => span(cell as number, (cell as number) + width.value, inWhole),
  }
}

/** Of whole numbers both bounds are within, as Opendatasoft has it. */
function span(from: Cell, to: number | string, inWhole: boolean): string {
  return inWhole ? `[${from}, ${Number(to) - 1}]` : `[${from}, ${to}[`
}

function spans(field: Field, first: Value, width: Argument, terms: Terms): Range {
  const name =
    width.kind === 'measure'
      ? [width.unit, width.unit.toLowerCase()].find(each => Object.hasOwn(WIDTHS, each))
      : undefined
  const unit = name === undefined ? undefined : WIDTHS[name]
  if (width.kind !== 'measure' || unit === undefined || !Number.isInteger(width.value) || width.value < 1)
    throw new OdsqlError(
      `The width of a range of time is like 1 day; there are ${Object.keys(WIDTHS).join(', ')}`,
    )
  if (typeof unit === 'string' && width.value > 1)
    throw new OdsqlError(`A range has the width of one ${unit}`)
  if (typeof unit === 'number' && !Number.isSafeInteger(unit * width.value))
    throw new OdsqlError(`${width.value} ${width.unit} are more than can be counted`)
  const at = clockOf(first, terms)
  const of =
    typeof unit === 'string'
      ? apply('start-of', constant('string', unit), at)
      : apply('bucket', constant('integer', unit * width.value), at)
  return { of, within: known(field), type: field.type === 'date' ? 'date' : 'local' }
}

function stepped(field: Field, bounds: readonly Argument[], terms: Terms): Range {
  const [first, last] = [bounds[0]!, bounds.at(-1)!]
  const steps = bounds.filter(bound => bound.kind !== 'all')
  if (steps.length < 1 || bounds.slice(1, -1).some(({ kind }) => kind === 'all'))
    throw new OdsqlError('Steps of a range stand in their order; only the first and the last may be *')
  const read = steps.map(step => stepOf(field, step, terms))
  const column = columnOf(field)
  const open = { below: first.kind === 'all', above: last.kind === 'all' }
  const conditions: Condition[] = [known(field)]
  if (!open.below) conditions.push({ kind: 'compare', left: column, operator: '>=', right: read[0]!.of })
  if (!open.above) conditions.push({ kind: 'compare', left: column, operator: '<', right: read.at(-1)!.of })
  const inWhole = field.type === 'int' && read.every(({ shown }) => Number.isInteger(shown))
  const shown = (at: number) => read[at]?.shown
  return {
    of: { kind: 'step', of: column, steps: read.map(({ of }) => of) },
    within: { kind: 'and', of: conditions },
    type: 'int',
    label: cell => {
      const [from, to] = [shown(cell as number) ?? '*', shown((cell as number) + 1)]
      return to === undefined ? `[${from}, *]` : span(from, to, inWhole)
    },
  }
}

/** A bound, and how a label shows it. */
function stepOf(field: Field, step: Argument, terms: Terms): { of: Expression; shown: number | string } {
  if (step.kind === 'named') throw new OdsqlError('Steps of a range are values')
  if (step.kind === 'date') return { of: literalAs(field.type as ValueType, step, terms)!, shown: step.value }
  const sign = step.kind === 'negative' ? -1 : 1
  const number = step.kind === 'negative' ? step.of : step
  if (number.kind !== 'number' || field.type === 'date' || field.type === 'datetime')
    throw new OdsqlError(
      `Steps of a range of ${field.name} are ${field.type === 'int' || field.type === 'double' ? 'numbers' : "dates like date'2026-10-01'"}`,
    )
  return { of: constant('number', sign * number.value), shown: sign * number.value }
}
