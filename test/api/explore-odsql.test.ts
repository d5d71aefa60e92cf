import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGroupBy, parseOrderBy, parseSelect, parseWhere } from '../../api/explore/odsql/parse.ts'
import { resolveClauses } from '../../api/explore/odsql/query.ts'
import { type Condition, OdsqlSyntaxError, type Value } from '../../api/explore/odsql/syntax.ts'
import type { Field, FieldType, Terms } from '../../api/explore/odsql/terms.ts'

/** A query without where its parts stand. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).filter(([key]) => !['start', 'end', 'text'].includes(key))
  const text = 'text' in node && 'kind' in node && node.kind === 'like' ? { text: node.text } : {}
  return { ...Object.fromEntries(entries.map(([key, value]) => [key, bare(value)])), ...text }
}

const where = (query: string) => bare(parseWhere(query))
const field = (name: string) => ({ kind: 'field', name })
const compare = (left: unknown, operator: string, right: unknown) => ({
  kind: 'compare',
  operator,
  left,
  right,
})

describe('a where clause', () => {
  it('has not before and, and and before or, whatever the case', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(field)
    expect(where('a OR not b And c')).toEqual({
      kind: 'or',
      of: [a, { kind: 'and', of: [{ kind: 'not', of: b }, c] }],
    })
    expect(where('(a or b) and c')).toEqual({ kind: 'and', of: [{ kind: 'or', of: [a, b] }, c] })
  })

  it('compares, with a colon as an equals sign, and works out multiplications first', () => {
    const number = (value: number) => ({ kind: 'number', value })
    expect(where('a: "x"')).toEqual(compare(field('a'), '=', { kind: 'text', value: 'x' }))
    expect(where('a <> -1')).toEqual(compare(field('a'), '!=', { kind: 'negative', of: number(1) }))
    const [a, b] = [field('a'), field('b')]
    const product = { kind: 'operation', operator: '*', left: b, right: number(2) }
    expect(where('a + b*2 > 3')).toEqual(
      compare({ kind: 'operation', operator: '+', left: a, right: product }, '>', number(3)),
    )
  })

  it('asks for ranges, lists, words and nothing', () => {
    const date = (value: string) => ({ kind: 'date', value })
    const range = { kind: 'between', of: field('d'), low: date('2017'), high: date('2018') }
    expect(where("d in [date'2017'..date'2018'[")).toEqual({ ...range, closed: { low: true, high: false } })
    expect(where("d: ]date'2017' TO date'2018']")).toEqual({ ...range, closed: { low: false, high: true } })
    expect(where('n in [1..10]')).toMatchObject({ low: { value: 1 }, high: { value: 10 } })
    expect(where("a in ('x', 'y')")).toMatchObject({ kind: 'in', values: [{ value: 'x' }, { value: 'y' }] })
    expect(where('"x" in a')).toEqual({ kind: 'in', of: field('a'), values: [{ kind: 'text', value: 'x' }] })
    expect(where('a like "star wars"')).toEqual({ kind: 'like', of: field('a'), text: 'star wars' })
    expect(where('a is not null')).toEqual({ kind: 'known', of: field('a'), known: true })
    expect(where('a is false')).toEqual({ kind: 'truth', of: field('a'), value: false, negated: false })
    expect(where('  ')).toBeUndefined()
  })

  it('takes functions, quoted names and escaped texts', () => {
    expect(where('`and` = "say \\"no\\""')).toEqual(
      compare(field('and'), '=', { kind: 'text', value: 'say "no"' }),
    )
    expect(where("within_distance(geo, geom'POINT(1 2)', 10km)")).toEqual({
      kind: 'call',
      name: 'within_distance',
      to: [
        field('geo'),
        { kind: 'geometry', value: 'POINT(1 2)' },
        { kind: 'measure', value: 10, unit: 'km' },
      ],
    })
    expect(where('search(*, "x")')).toMatchObject({ to: [{ kind: 'all' }, { value: 'x' }] })
    expect(where('now(days=-1) > date')).toMatchObject({ left: { to: [{ kind: 'named', name: 'days' }] } })
    expect(where("date > date'2020'")).toEqual(compare(field('date'), '>', { kind: 'date', value: '2020' }))
  })
})

it('select, group_by and order_by take labels, patterns and directions', () => {
  expect(bare(parseSelect('*, count(*) as n, a * 2 as `b`, include(pop*, x), exclude(y)'))).toEqual([
    { kind: 'all' },
    { kind: 'value', of: { kind: 'call', name: 'count', to: [{ kind: 'all' }] }, label: 'n' },
    {
      kind: 'value',
      of: { kind: 'operation', operator: '*', left: field('a'), right: { kind: 'number', value: 2 } },
      label: 'b',
    },
    {
      kind: 'include',
      patterns: [
        { name: 'pop', begin: true },
        { name: 'x', begin: false },
      ],
    },
    { kind: 'exclude', patterns: [{ name: 'y', begin: false }] },
  ])
  expect(parseSelect('RANGE(a, 15)')).toMatchObject([{ text: 'RANGE(a, 15)' }])
  expect(parseGroupBy('range(a, *, 1, 2, *) as r, year(d)')).toMatchObject([
    { label: 'r', of: { to: [field('a'), { kind: 'all' }, { value: 1 }, { value: 2 }, { kind: 'all' }] } },
    { text: 'year(d)' },
  ])
  expect(bare(parseOrderBy('-a, count(*) DESC, b asc, c'))).toMatchObject([
    { of: field('a'), descending: true },
    { of: { name: 'count' }, descending: true },
    { of: field('b'), descending: false },
    { of: field('c'), descending: false },
  ])
})

it.each([
  ['garbage==', 'unexpected = at position 8 in garbage=='],
  ['a >', 'unexpected end of query in a >'],
  ['a = "x', 'the " at position 4 is never closed in a = "x'],
  ['(a or b', 'unexpected end of query in (a or b'],
  ['a not in (1)', 'unexpected not at position 2 in a not in (1)'],
  ['(a and b) + 1', 'unexpected + at position 10 in (a and b) + 1'],
  ['a in [1..2', 'unexpected end of query in a in [1..2'],
  ['a like b', 'unexpected b at position 7 in a like b'],
  ['a ; b', 'unexpected ; at position 2 in a ; b'],
  ['a = \u{1F600}', 'unexpected \u{1F600} at position 4 in a = \u{1F600}'],
  ['('.repeat(5000), 'more than 100 levels of parentheses'],
  ['-'.repeat(5000), 'more than 100 levels of parentheses'],
  ['not '.repeat(4000), 'more than 100 levels of parentheses'],
])('%.20s says what is wrong and where', (query, message) => {
  expect(() => parseWhere(query)).toThrow(OdsqlSyntaxError)
  expect(() => parseWhere(query)).toThrow(message)
})

/** Written so that it is read as it is, whatever stands around it. */
function print(node: Condition): string {
  switch (node.kind) {
    case 'field':
      return `\`${node.name.replace(/[`\\]/g, '\\$&')}\``
    case 'text':
      return JSON.stringify(node.value)
    case 'number':
      return String(node.value)
    case 'boolean':
      return String(node.value)
    case 'date':
      return `date'${node.value}'`
    case 'negative':
      return `(-${print(node.of)})`
    case 'operation':
      return `(${print(node.left)}${node.operator}${print(node.right)})`
    case 'call':
      return `${node.name}(${node.to.map(each => print(each as Value)).join(',')})`
    case 'compare':
      return `(${print(node.left)}${node.operator}${print(node.right)})`
    case 'between':
      return `(${print(node.of)} in ${node.closed.low ? '[' : ']'}${print(node.low)}..${print(node.high)}${node.closed.high ? ']' : '['})`
    case 'in':
      return `(${print(node.of)} IN (${node.values.map(print).join(', ')}))`
    case 'like':
      return `(${print(node.of)} like ${JSON.stringify(node.text)})`
    case 'known':
      return `(${print(node.of)} is${node.known ? ' not' : ''} null)`
    case 'truth':
      return `(${print(node.of)} is${node.negated ? ' not' : ''} ${node.value})`
    case 'and':
    case 'or':
      return `(${node.of.map(print).join(` ${node.kind} `)})`
    case 'not':
      return `(not ${print(node.of)})`
    default:
      throw new Error(`${node.kind} is not written here`)
  }
}

const AT = { start: 0, end: 0 }
const { condition } = fc.letrec<{ value: Value; condition: Condition }>(tie => {
  const word = fc.string({ minLength: 1, maxLength: 6 })
  // JSON escapes what no character stands for otherwise; only quotes and backslashes are escaped here.
  const text = fc.stringMatching(/^[ -~éÉ]{0,8}$/)
  const value = tie('value')
  const name = fc.constantFrom('length', 'year', 'other')
  const leaf = fc.oneof(
    word.map((name): Value => ({ kind: 'field', name, ...AT })),
    text.map((value): Value => ({ kind: 'text', value, ...AT })),
    fc.nat().map((value): Value => ({ kind: 'number', value, text: String(value), ...AT })),
    fc
      .double({ min: 0, noNaN: true, noDefaultInfinity: true })
      .map((value): Value => ({ kind: 'number', value, text: '', ...AT })),
    fc.boolean().map((value): Value => ({ kind: 'boolean', value, ...AT })),
    fc.constant<Value>({ kind: 'date', value: '2026-11-22', ...AT }),
  )
  return {
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      value.map((of): Value => ({ kind: 'negative', of, ...AT })),
      fc
        .tuple(fc.constantFrom('+', '-', '*', '/'), value, value)
        .map(([operator, left, right]): Value => ({ kind: 'operation', operator, left, right, ...AT })),
      fc
        .tuple(name, fc.array(value, { maxLength: 3 }))
        .map(([name, to]): Value => ({ kind: 'call', name, to, ...AT })),
    ),
    condition: fc.oneof(
      { depthSize: 'small' },
      value,
      fc
        .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), value, value)
        .map(([operator, left, right]): Condition => ({ kind: 'compare', operator, left, right, ...AT })),
      fc
        .record({
          of: value,
          low: value,
          high: value,
          closed: fc.record({ low: fc.boolean(), high: fc.boolean() }),
        })
        .map((range): Condition => ({ kind: 'between', ...range, ...AT })),
      fc
        .tuple(value, fc.array(value, { minLength: 1, maxLength: 3 }))
        .map(([of, values]): Condition => ({ kind: 'in', of, values, ...AT })),
      fc.tuple(value, text).map(([of, text]): Condition => ({ kind: 'like', of, text, ...AT })),
      fc.tuple(value, fc.boolean()).map(([of, known]): Condition => ({ kind: 'known', of, known, ...AT })),
      fc
        .tuple(value, fc.boolean(), fc.boolean())
        .map(([of, value, negated]): Condition => ({ kind: 'truth', of, value, negated, ...AT })),
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { minLength: 2, maxLength: 3 }))
        .map(([kind, of]): Condition => ({ kind, of, ...AT })),
      tie('condition').map((of): Condition => ({ kind: 'not', of, ...AT })),
    ),
  }
})

it('whatever can be written is read as it was meant', () => {
  fc.assert(
    fc.property(condition, given => {
      expect(bare(parseWhere(print(given)))).toEqual(bare(given))
    }),
  )
})

const types: FieldType[] = ['text', 'int', 'double', 'boolean', 'date', 'datetime']
const fields: Field[] = [
  ...types.map(type => ({ name: type, type, label: type, description: null, column: type })),
  { name: 'geo', type: 'geo_point_2d', label: 'geo', description: null, column: 'double', latitude: 'int' },
]
const terms: Terms = { fields, timeZone: 'UTC', offsets: [], language: 'fr', now: Date.UTC(2026, 10, 22) }

it('whatever is written is answered or refused by name', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...types,
      'geo',
      'and',
      'or',
      'not',
      'in',
      'is',
      'null',
      'like',
      'as',
      'desc',
      'true',
      'count',
    ),
    fc.constantFrom(
      'sum',
      'range',
      'year',
      'date_format',
      'search',
      'within_distance',
      'in_bbox',
      'now',
      'date',
      'geom',
    ),
    fc.constantFrom('(', ')', '[', ']', ',', '*', '+', '-', '/', '=', '!=', '<', '>=', ':', '..'),
    fc.constantFrom(
      '"x"',
      "'2026-11-22'",
      '`text`',
      '12',
      '1.5',
      '1 day',
      '10km',
      "date'2026'",
      "geom'POINT(1 2)'",
    ),
    fc.string({ maxLength: 4 }),
  )
  const query = fc.array(word, { maxLength: 12 }).map(words => words.join(' '))
  fc.assert(
    fc.property(query, fc.constantFrom('select', 'where', 'group_by', 'order_by'), (given, clause) => {
      try {
        resolveClauses(clause === 'where' ? { where: [given] } : { [clause]: given }, terms)
      } catch (error) {
        expect(error).toMatchObject({ name: 'ClauseError', message: expect.stringContaining(`: ${clause}.`) })
      }
    }),
    { numRuns: 400 },
  )
})
