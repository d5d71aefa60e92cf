import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Column,
  type Condition,
  columnOutput,
  compareColumn,
  type Operand,
  type RowQuery,
} from '../../model/row-query.ts'
import type { Dataset, Field, Row } from '../../publication/dataset.ts'
import { CSV } from '../../publication/formats.ts'
import { compareRows } from '../../publication/merge.ts'
import { objectPath } from '../../publication/objects.ts'
import type { ParquetOperations } from '../../publication/parquet-tables.ts'
import type { Published, PublishedVersion } from '../../publication/published.ts'
import { createPublishedRows } from '../../publication/published-rows.ts'
import { planLookup } from '../../publication/query/lookup.ts'
import { openLookups } from '../../publication/query/lookup-rows.ts'
import { createLookups } from '../../publication/query/lookups.ts'
import { createQueries } from '../../publication/query/queries.ts'
import { openDatabase } from '../../store/duckdb/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-lookup-'))
const columns: Column[] = [
  { name: 'site', type: 'string' },
  { name: 'debut', type: 'datetime' },
  { name: 'nom é', type: 'string' },
  { name: 'mesure', type: 'number' },
  { name: 'rang', type: 'integer' },
  { name: 'ouvert', type: 'boolean' },
  { name: 'jour', type: 'date' },
]
const SITES = ['a', 'b-1', 'c "d", e', 'école', '😀']
const VALUES: Record<Column['type'], readonly string[]> = {
  string: ['', 'é', 'e', 'E', '\\', 'a\r\nb', ' "', '\u0001', '\uff5e', '😀', 'quatorze lettres'],
  number: ['', '0', '0.0000', '12.50', '12.5', '-3.25', '0.0000001', '123456789012345.678', '1000'],
  integer: ['', '0', '7', '-7', '123456789012345'],
  boolean: ['', 'true', 'false'],
  date: ['', '2025-12-31', '2026-01-01', '2026-02-28'],
  datetime: [
    '2026-01-28T00:00:00Z',
    '2026-02-01T23:30:00Z',
    '2026-02-28T12:00:00.500Z',
    '2026-03-01T23:30:00Z',
  ],
}
/** Some sites are missing in some parts, and instants lie on their edges. */
const parts = ['2026-01', '2026-02', '2026-03'].map((month, part) => {
  const rows = Array.from({ length: 300 }, (_, n): Row => {
    const site = SITES[(n * 7 + part) % (SITES.length - (part === 1 ? 1 : 0))]!
    const cells = columns.slice(2).map(({ type }, at) => {
      const values = VALUES[type]
      return values[(n * (at + 3) + part * 5 + Math.floor(n / 11)) % values.length]!
    })
    const day = String((n % 28) + 1).padStart(2, '0')
    return [site, `${month}-${day}T${n % 2 ? '00:00:00Z' : '23:30:00Z'}`, ...cells]
  }).sort((a, b) => compareRows(a, b, [0, 1]))
  const sha256 = String(part).repeat(64)
  return {
    ...{ sha256, path: objectPath(folder, sha256), rows: rows.length, written: rows },
    period: { start: rows.map(row => row[1]!).sort()[0]!, end: `${month}-28T23:59:00Z` },
  }
})
const all = columns.map(({ name }) => columnOutput(name))
const parquet = join(folder, 'rows.parquet')
const queries = createQueries()
/** How often the database was asked. */
let asked = 0
const rows = createPublishedRows({
  datasets: new Map([['mesures', datasetOf(columns)]]),
  published: {
    makeup: () => ({ parts: parts.map(part => ({ ...part, objects: { [CSV.suffix]: part } })) }),
    objects: () => [{ path: parquet, bytes: 0 }],
  } as unknown as Published,
  folder,
  queries: {
    ...queries,
    rows(...args) {
      asked++
      return queries.rows(...args)
    },
    count(...args) {
      asked++
      return queries.count(...args)
    },
  },
})
const version = { version: { dataset: 'mesures', schema: '1.0.0' } } as PublishedVersion

function datasetOf(of: readonly Column[]): Dataset {
  const fields = of.map(field => ({ ...field }) as Field)
  return {
    schema: { fields, primaryKey: ['site', 'debut'], changes: [{ version: '1.0.0' }] },
    period: { start: 'debut', end: 'fin' },
  } as unknown as Dataset
}

beforeAll(async () => {
  for (const { path, written } of parts) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, written.map(row => CSV.record(row, [])).join(''))
  }
  const database = await openDatabase<ParquetOperations>({
    tables: new URL('../../publication/parquet-tables.ts', import.meta.url),
  })
  await database.call('write', [parts.map(({ path }) => path), columns, parquet])
  await database.close()
})
afterAll(async () => {
  await queries.close()
  rmSync(folder, { recursive: true })
})

const operandOf = ({ type }: Column): fc.Arbitrary<Operand> =>
  fc.constantFrom(...VALUES[type].filter(value => value !== '')).map(written => {
    if (type === 'number' || type === 'integer') return Number(written)
    return type === 'boolean' ? written === 'true' : written
  })
const leaf = fc.constantFrom(...columns).chain((column): fc.Arbitrary<Condition> => {
  const { name } = column
  const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=' as const)
  return fc.oneof(
    fc.tuple(operator, operandOf(column)).map(([is, value]) => compareColumn(column, is, value)),
    fc.array(operandOf(column), { minLength: 1, maxLength: 3 }).map(values => ({
      ...{ kind: 'in' as const, column: name, values },
    })),
    fc.boolean().map(known => ({ kind: 'known' as const, column: name, known })),
  )
})
const condition = fc.letrec<{ any: Condition }>(tie => ({
  any: fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: tie('any').map(of => ({ kind: 'not' as const, of })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('any'), { maxLength: 3 }))
        .map(([kind, of]) => ({ kind, of })),
    },
  ),
})).any
const keys = fc.subarray([...SITES, 'nobody'], { minLength: 1 })
const query = fc
  .record(
    {
      keys,
      others: fc.array(condition, { maxLength: 2 }),
      names: fc.subarray(columns.map(({ name }) => name)),
      limit: fc.integer({ min: 1, max: 200 }),
      offset: fc.integer({ min: 0, max: 60 }),
      after: fc.integer({ min: 0, max: 900 }),
    },
    { requiredKeys: ['keys', 'others', 'names'] },
  )
  .map(({ keys: values, others, names, ...page }): RowQuery => {
    const [first, ...more] = values
    const given: Condition =
      more.length > 0 ? { kind: 'in', column: 'site', values } : compareColumn(columns[0]!, '=', first!)
    return { select: names.map(columnOutput), where: { kind: 'and', of: [...others, given] }, ...page }
  })

/** Of the first and the last day of a part. */
const EDGES = (
  [
    ['<=', '2026-02-01T23:30:00Z'],
    ['>=', '2026-01-28T00:00:00Z'],
    ['=', '2026-03-01T23:30:00Z'],
  ] as const
).map(([operator, time]): RowQuery => {
  const of: Condition[] = [
    { kind: 'in', column: 'site', values: SITES },
    compareColumn(columns[1]!, operator, time),
  ]
  return { select: all, where: { kind: 'and', of } }
})

it('finds the rows of keys as the database does, and tells them alike', async () => {
  await fc.assert(
    fc.asyncProperty(query, async given => {
      const select = given.select.length > 0 ? given.select : [columnOutput('rang')]
      const [page, count] = await Promise.all([
        queries.rows(parquet, columns, { ...given, select }),
        queries.count(parquet, columns, { select: [], ...(given.where && { where: given.where }) }),
      ])
      const before = asked
      expect(await rows.ask(version, { ...given, select })).toEqual(page)
      const told = await rows.tell(version, { ...given, select })
      const objects = page.rows.map(row => Object.fromEntries(select.map(({ name }, at) => [name, row[at]])))
      expect(Buffer.from(told.json).toString()).toBe(JSON.stringify(objects))
      expect([told.count, told.last]).toEqual([page.rows.length, page.last])
      expect(await rows.count(version, { select: [], where: given.where! })).toBe(count)
      expect(asked).toBe(before)
    }),
    { numRuns: 60, examples: EDGES.map(each => [each]) },
  )
})

it('leaves to the database what is no lookup', async () => {
  const given = compareColumn(columns[0]!, '=', 'a')
  const ofKey: RowQuery = { select: [columnOutput('rang')], where: given }
  const withOther = (other: Condition): RowQuery => ({ ...ofKey, where: { kind: 'and', of: [given, other] } })
  const count = { name: 'n', of: { kind: 'aggregate', aggregate: 'count' } } as const
  const others: RowQuery[] = [
    { select: ofKey.select },
    { ...ofKey, where: { kind: 'not', of: given } },
    { ...ofKey, where: { kind: 'or', of: [given, given] } },
    { ...ofKey, where: compareColumn(columns[0]!, '>=', 'a') },
    { ...ofKey, orderBy: [{ by: 'rang', descending: false }] },
    { ...ofKey, groupBy: ['rang'] },
    { ...ofKey, select: [count] },
    withOther({ kind: 'text', column: 'nom é', where: 'start', text: 'e' }),
    withOther({ kind: 'not', of: compareColumn(columns[6]!, '=', '2026-1-1') }),
    withOther(compareColumn({ name: 'rang', type: 'string' }, '=', '7')),
  ]
  expect(planLookup(ofKey, columns)).toBeDefined()
  expect(others.filter(each => planLookup(each, columns))).toEqual([])
  const before = asked
  expect(await rows.ask(version, others[4]!)).toEqual(await queries.rows(parquet, columns, others[4]!))
  const told = await rows.tell(version, others[0]!)
  expect(JSON.parse(Buffer.from(told.json).toString())).toHaveLength(900)
  expect(asked).toBe(before + 2)
})

it('gives up what takes too long, and is quicker the next time', () => {
  const lookup = planLookup({ select: all, where: compareColumn(columns[0]!, '=', 'a') }, columns)!
  const { path } = parts[0]!
  const given = [{ path, before: 0 }]
  const hurried = openLookups({ mostRead: 5000 })
  expect(hurried.count(lookup, given)).toBeUndefined()
  expect(hurried.count(lookup, given)).toBe(60)
  expect(openLookups({ mostRead: 1 }).rows(lookup, given)).toBeUndefined()
})

it('keeps what was asked for last, and reads again what it had no room for', () => {
  const path = join(folder, 'copy.csv')
  copyFileSync(parts[0]!.path, path)
  const lookups = openLookups({ mostKept: 0 })
  const find = (site: string) => {
    const lookup = planLookup({ select: all, where: compareColumn(columns[0]!, '=', site) }, columns)!
    return lookups.rows(lookup, [{ path, before: 0 }])
  }
  const first = find('a')
  const second = find('b-1')
  expect(find('a')).toEqual(first)
  expect(find('b-1')).toEqual(second)
  rmSync(path)
  expect(find('b-1')).toEqual(second)
  expect(() => find('a')).toThrow('ENOENT')
})

it('turns those away who come while too many wait', async () => {
  const lookups = createLookups(1)
  const lookup = planLookup({ select: all, where: compareColumn(columns[0]!, '=', 'a') }, columns)!
  const first = lookups.ask('count', lookup, [])
  await expect(lookups.ask('count', lookup, [])).rejects.toMatchObject({ reason: 'busy' })
  expect(await first).toBe(0)
  const gone = lookups.ask('count', lookup, [{ path: join(folder, 'gone'), before: 0 }])
  await expect(gone).rejects.toThrow('ENOENT')
  await lookups.close()
})
