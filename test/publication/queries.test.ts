import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Column,
  type Condition,
  columnOutput,
  type Expression,
  type RowFunction,
  type RowQuery,
} from '../../model/row-query.ts'
import { createQueries } from '../../publication/query/queries.ts'

const folder = mkdtempSync(join(tmpdir(), "affluent-queries-'-"))
const file = join(folder, 'rows.parquet')
const columns: Column[] = [
  { name: 'site', type: 'string' },
  { name: 'debut', type: 'datetime' },
  { name: 'jour', type: 'date' },
  { name: 'compte', type: 'number' },
  { name: 'revision', type: 'integer' },
]
const queries = createQueries()
const ROWS = 300_000

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (
    SELECT 'É' || (n % 3) AS site, make_timestamp_ms(n * 3600000)::TIMESTAMP AS debut,
      DATE '2026-01-01' + (n % 10)::INTEGER AS jour,
      CASE WHEN n % 5 = 0 THEN NULL ELSE n / 2 END AS compte, n::BIGINT AS revision
    FROM range(${ROWS}) every_row(n)
  ) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
})
afterAll(async () => {
  await queries.close()
  rmSync(folder, { recursive: true })
})

const ask = async (query: RowQuery) => (await queries.rows(file, columns, query)).rows
const all = columns.map(({ name }) => columnOutput(name))
const column = (name: string): Expression => ({ kind: 'column', column: name })

it('tells values as JSON has them, and what is not known as nothing', async () => {
  expect(await queries.rows(file, columns, { select: all, limit: 2 })).toEqual({
    rows: [
      ['É0', '1970-01-01T00:00:00Z', '2026-01-01', null, 0],
      ['É1', '1970-01-01T01:00:00Z', '2026-01-02', 0.5, 1],
    ],
    last: 1,
  })
  expect((await queries.rows(file, columns, { select: all, limit: 1, after: 41 })).rows[0]).toMatchObject({
    4: 42,
  })
})

it('takes conditions of every kind, each value as that and nothing else', async () => {
  const revisions = async (where: RowQuery['where']) =>
    (await ask({ select: [{ name: 'n', of: column('revision') }], where: where!, limit: 4 })).flat()
  const at = (operator: '=' | '<' | '>=', value: number): Extract<Condition, { kind: 'compare' }> => ({
    ...{ kind: 'compare', left: column('revision'), operator },
    right: { kind: 'value', type: 'integer', value },
  })
  expect(await revisions(at('<', 2))).toEqual([0, 1])
  expect(await revisions({ kind: 'or', of: [at('=', 7), at('=', 9)] })).toEqual([7, 9])
  expect(await revisions({ kind: 'and', of: [at('>=', 2), { kind: 'not', of: at('>=', 4) }] })).toEqual([
    2, 3,
  ])
  expect(await revisions({ kind: 'in', column: 'jour', values: ['2026-01-02', '2026-01-10'] })).toEqual([
    1, 9, 11, 19,
  ])
  expect(await revisions({ kind: 'known', column: 'compte', known: false })).toEqual([0, 5, 10, 15])
  expect(await revisions({ kind: 'text', column: 'site', where: 'start', text: 'é2' })).toEqual([2, 5, 8, 11])
  expect(await revisions({ kind: 'text', column: 'site', where: 'anywhere', text: "2' OR true" })).toEqual([])
  const value = { kind: 'value', type: 'datetime', value: '1970-01-01T02:00:00+01:00' } as const
  expect(await revisions({ kind: 'compare', left: column('debut'), operator: '=', right: value })).toEqual([
    1,
  ])
  await expect(revisions({ ...at('=', 1), left: column('x" OR true') })).rejects.toThrow('is no column')
})

it('counts, sums and sorts, and equal rows stay in the order of the file', async () => {
  const groups: RowQuery = {
    select: [
      columnOutput('site'),
      { name: 'n', of: { kind: 'aggregate', aggregate: 'count' } },
      { name: 'dernier', of: { kind: 'aggregate', aggregate: 'max', of: column('jour') } },
    ],
    groupBy: ['site'],
    orderBy: [{ by: 'site', descending: true }],
  }
  expect(await ask(groups)).toEqual(['É2', 'É1', 'É0'].map(site => [site, ROWS / 3, '2026-01-10']))
  expect(await queries.count(file, columns, groups)).toBe(3)
  const total: RowQuery = {
    select: [{ name: 's', of: { kind: 'aggregate', aggregate: 'sum', of: column('revision') } }],
  }
  expect(await ask(total)).toEqual([[(ROWS * (ROWS - 1)) / 2]])
  expect(await queries.count(file, columns, total)).toBe(1)
  expect(await queries.count(file, columns, { select: all, limit: 1 })).toBe(ROWS)
  const sorted = await ask({
    ...{
      select: [{ name: 'n', of: column('revision') }],
      orderBy: [{ by: column('jour'), descending: false }],
    },
    ...{ limit: 3, offset: 1 },
  })
  expect(sorted).toEqual([[10], [20], [30]])
})

it('refuses what takes too long or comes while too many wait, and goes on', async () => {
  const costly: RowQuery = {
    select: [{ name: 'n', of: column('site') }],
    orderBy: [{ by: column('compte'), descending: true }],
  }
  const hurried = createQueries({ timeMs: 1, waiting: 1 })
  const first = hurried.rows(file, columns, costly)
  await expect(hurried.rows(file, columns, costly)).rejects.toMatchObject({ reason: 'busy' })
  await expect(first).rejects.toMatchObject({ reason: 'costly' })
  await hurried.close()
})

it('copies what a query yields into a file that nobody else sees', async () => {
  const copying = createQueries({ folder, copiesWaiting: 1 })
  const query: RowQuery = {
    select: [columnOutput('debut'), columnOutput('compte')],
    where: { kind: 'in', column: 'revision', values: [0, 1] },
  }
  const first = copying.copy(file, columns, query, 'csv')
  await expect(copying.copy(file, columns, query, 'zstd')).rejects.toMatchObject({ reason: 'busy' })
  const text = Buffer.concat(await Array.fromAsync((await first) as AsyncIterable<Buffer>)).toString()
  expect(text).toBe('1970-01-01T00:00:00Z,,0.0\n1970-01-01T01:00:00Z,0.5,1.0\n')
  expect(readdirSync(folder)).toEqual(['rows.parquet'])
  await copying.close()
})

it('works out what clocks show, parts of dates, texts and groups', async () => {
  const value = (type: 'integer' | 'string' | 'number', given: number | string): Expression => ({
    ...{ kind: 'value', type, value: given },
  })
  const apply = (name: RowFunction, ...to: Expression[]): Expression => ({
    kind: 'apply',
    function: name,
    to,
  })
  const local: Expression = {
    ...{ kind: 'local', of: column('debut') },
    offsets: [
      { from: 0, aheadMs: 7_200_000 },
      { from: 3_600_000, aheadMs: 3_600_000 },
    ],
  }
  const outputs: Expression[] = [
    ...[local, apply('hour', local), apply('start-of', value('string', 'month'), column('jour'))],
    ...[apply('bucket', value('integer', 7_200_000), local), apply('weekday', column('jour'))],
    apply('concat', apply('pad', column('revision'), value('integer', 3)), value('string', '!')),
    apply(
      'pick',
      apply('add', column('revision'), value('integer', 1)),
      value('string', 'a'),
      value('string', 'b'),
    ),
    apply('divide', column('revision'), value('integer', 0)),
    { kind: 'step', of: column('revision'), steps: [value('number', 1), value('number', 5)] },
  ]
  const select = outputs.map((of, at) => ({ name: String(at), of }))
  expect(await ask({ select, limit: 2 })).toEqual([
    ['1970-01-01T02:00:00', 2, '2026-01-01T00:00:00', '1970-01-01T02:00:00', 4, '000!', 'a', null, -1],
    ['1970-01-01T02:00:00', 2, '2026-01-01T00:00:00', '1970-01-01T02:00:00', 5, '001!', 'b', null, 0],
  ])
  const given = [
    ['é', 1],
    [null, 2],
  ]
  const ofGiven = [
    { name: 'a', type: 'string' },
    { name: 'b', type: 'integer' },
  ] as const
  const known = { kind: 'known', column: 'a', known: true } as const
  expect((await queries.rows(given, ofGiven, { select: [columnOutput('b')], where: known })).rows).toEqual([
    [1],
  ])
})
