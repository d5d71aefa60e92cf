import {
  type Column,
  type ColumnType,
  type Comparison,
  type Condition,
  compareColumn,
  type Operand,
} from '../../model/row-query.ts'
import { WrongParameter } from '../fields.ts'

type Operator = (column: Column, text: string, parameter: string) => Condition

const compare =
  (operator: Comparison): Operator =>
  (column, text, parameter) =>
    compareColumn(column, operator, readValue(column.type, text, parameter))

/** The operators of the API that data.gouv.fr has for tables (datagouv/api-tabular), with its names. */
const OPERATORS: Record<string, Operator> = {
  exact: compare('='),
  less: compare('<='),
  greater: compare('>='),
  strictly_less: compare('<'),
  strictly_greater: compare('>'),
  in: (column, text, parameter) => ({
    ...{ kind: 'in', column: column.name },
    values: readList(text, parameter).map(each => readValue(column.type, each, parameter)),
  }),
  isnull: known(false),
  isnotnull: known(true),
}
const MOST_FILTERS = 20
const MOST_VALUES = 200
const LONGEST = 500

/**
 * The conditions that parameters like `debut__greater` state, all of which a row must meet.
 * @throws WrongParameter
 */
export function readFilters(
  parameters: Record<string, unknown>,
  columns: readonly Column[],
): Condition | undefined {
  const entries = Object.entries(parameters)
  const [first] = entries.slice(MOST_FILTERS)
  if (first) throw new WrongParameter(first[0], `is one too many: at most ${MOST_FILTERS} filters at a time`)
  const of = entries.map(([name, value]) => readFilter(name, value, columns))
  return of.length > 0 ? { kind: 'and', of } : undefined
}

function readFilter(name: string, value: unknown, columns: readonly Column[]): Condition {
  if (typeof value !== 'string') throw new WrongParameter(name, 'stands more than once')
  if (value.length > LONGEST * 10) throw new WrongParameter(name, 'is too long')
  const at = name.lastIndexOf('__')
  const column = columns.find(each => each.name === name.slice(0, at))
  const operator = at > 0 ? OPERATORS[name.slice(at + 2)] : undefined
  if (!column || !operator || !Object.hasOwn(OPERATORS, name.slice(at + 2)))
    throw new WrongParameter(name, 'is not a parameter here', allowedParameters(column ? [column] : columns))
  return operator(column, value, name)
}

function allowedParameters(columns: readonly Column[]): string[] {
  const filters = columns.flatMap(({ name }) => Object.keys(OPERATORS).map(each => `${name}__${each}`))
  return ['columns', 'page_size', 'cursor', ...filters]
}

/**
 * The columns that a list names, in its order; all of them without one.
 * @throws WrongParameter
 */
export function readColumns(text: string | undefined, columns: readonly Column[]): readonly Column[] {
  if (text === undefined) return columns
  const names = [...new Set(text.split(','))]
  return names.map(name => {
    const column = columns.find(each => each.name === name)
    if (column) return column
    throw new WrongParameter(
      'columns',
      `there is no column ${name}`,
      columns.map(each => each.name),
    )
  })
}

function known(isKnown: boolean): Operator {
  return ({ name }, text, parameter) => {
    if (text !== '') throw new WrongParameter(parameter, 'takes no value')
    return { kind: 'known', column: name, known: isKnown }
  }
}

function readList(text: string, parameter: string): string[] {
  const list = text.split(',')
  if (list.length <= MOST_VALUES) return list
  throw new WrongParameter(parameter, `has ${list.length} values: at most ${MOST_VALUES} at a time`)
}

function readValue(type: ColumnType, text: string, parameter: string): Operand {
  const value = parseOperand(type, text)
  if (value === undefined) throw new WrongParameter(parameter, `${FORMS[type]}, not ${text.slice(0, 50)}`)
  return value
}

const FORMS: Record<ColumnType, string> = {
  string: `write a text of at most ${LONGEST} characters`,
  number: 'write a number like 12.5',
  integer: 'write a whole number like 12',
  boolean: 'write true or false',
  date: 'write a date like 2026-10-01',
  datetime: 'write an instant like 2026-10-01T08:00:00Z',
}

/** A text as a value of a type; undefined where it is none. */
export function parseOperand(type: ColumnType, text: string): Operand | undefined {
  switch (type) {
    case 'string':
      return text.length <= LONGEST ? text : undefined
    case 'number':
      return /^-?\d{1,18}(\.\d{1,18})?$/.test(text) ? Number(text) : undefined
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : undefined)
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && isTime(`${text}T00:00:00Z`, text) ? text : undefined
    case 'datetime':
      return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
        isTime(text, '')
        ? new Date(text).toISOString()
        : undefined
  }
}

/** The 30th of February is none, although dates roll over. */
function isTime(text: string, begin: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(begin)
}
