import type { ColumnType, Expression, Operand, RowFunction } from '../../../model/row-query.ts'

export function constant(type: ColumnType, value: Operand): Expression {
  return { kind: 'value', type, value }
}

export function apply(name: RowFunction, ...to: Expression[]): Expression {
  return { kind: 'apply', function: name, to }
}
