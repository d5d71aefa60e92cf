import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reading, Value } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { ReadingPacker } from '../../store/embedded/packed.ts'
import { unpackAggregates } from '../../store/embedded/packed-aggregates.ts'
import { openTables, type ReadingOperations } from '../../store/embedded/reading-tables.ts'
import type { AggregateBy } from '../../store/readings.ts'
import { aggregated } from './fixtures/aggregated.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const DAY = 24 * HOUR

async function inMemory(stack: AsyncDisposableStack): Promise<DuckDBConnection> {
  const instance = stack.adopt(await DuckDBInstance.create(':memory:', { threads: '1' }), each =>
    each.closeSync(),
  )
  return stack.adopt(await instance.connect(), each => each.closeSync())
}

/** Around a change of the clocks; integers, so that sums are exact in any order. */
function situations(timeZone: string, around: string) {
  const middle = Temporal.PlainDate.from(around).toZonedDateTime(timeZone).epochMilliseconds
  const value: fc.Arbitrary<Value> = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -50, max: 50 }) },
    fc.boolean(),
    fc.constantFrom('ON', ''),
    fc.constant(null),
  )
  const time = fc.integer({ min: -60 * 4, max: 60 * 4 }).map(quarter => middle + quarter * 15 * MINUTE)
  const reading = fc.record({ time, value }).map(({ time, value }): Reading => {
    return {
      point: 'a/b/c',
      time,
      value,
      quality: value === null ? 'bad:timeout' : 'good',
      gatewayTime: time,
    }
  })
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.uniqueArray(reading, { selector: ({ time }) => time, minLength: 1, maxLength: 40 }),
    },
    fc.constant('refresh' as const),
  )
  return fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    from: time,
    length: fc.integer({ min: 0, max: 5 * 24 * HOUR }),
  })
}

for (const [timeZone, around] of [
  ['Europe/Paris', '2026-03-29'],
  ['Europe/Paris', '2026-10-25'],
  ['Asia/Kolkata', '2026-05-05'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['America/Santiago', '2026-09-06'],
] as const) {
  test(`aggregates are those of the readings, whenever they are rolled up: ${timeZone} ${around}`, async () => {
    await fc.assert(
      fc.asyncProperty(situations(timeZone, around), async ({ steps, from, length }) => {
        const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
        const connection = await instance.connect()
        const tables = await openTables(connection, ':memory:', { timeZone })
        const stored = new Map<number, Reading>()
        for (const step of steps) {
          if (step === 'refresh') {
            while (await tables.refreshRollups());
            continue
          }
          await tables.write(new ReadingPacker().pack(toColumns(step)), [], [])
          for (const reading of step) if (!stored.has(reading.time)) stored.set(reading.time, reading)
        }
        for (const by of ['minute', 'hour', 'day'] as const) {
          const expected = aggregated([...stored.values()], by, from, from + length, timeZone)
          expect(await aggregate(tables, by, from, from + length)).toEqual(expected)
        }
        connection.closeSync()
        instance.closeSync()
      }),
      { numRuns: 8 },
    )
  })
}

test.each([
  ['Europe/Paris', 4],
  ['Europe/Paris', 300],
  ['Asia/Kolkata', 4],
  ['Australia/Lord_Howe', 4],
  ['America/Santiago', 4],
])('days of two years in %s with %i hours out of date are those of the readings', async (timeZone, late) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  const tables = await openTables(connection, ':memory:', { timeZone })
  const start = Date.UTC(2025, 0, 1)
  const reading = (time: number, i: number): Reading => {
    const value = i % 7 === 0 ? null : (i * 31) % 101
    return {
      point: 'a/b/c',
      time,
      value,
      quality: value === null ? 'bad:timeout' : 'good',
      gatewayTime: time,
    }
  }
  const readings = Array.from({ length: 2 * 365 * 24 }, (_, i) => reading(start + i * HOUR, i))
  await tables.write(new ReadingPacker().pack(toColumns(readings)), [], [])
  while (await tables.refreshRollups());
  const apart = Math.floor(readings.length / late)
  const more = Array.from({ length: late }, (_, i) =>
    reading(start + i * apart * HOUR + 20 * MINUTE, 1000 + i),
  )
  await tables.write(new ReadingPacker().pack(toColumns(more)), [], [])

  const all = [...readings, ...more].toSorted((a, b) => a.time - b.time)
  const [from, to] = [start + 3 * HOUR, start + 725 * 24 * HOUR]
  const expected = aggregated(all, 'day', from, to, timeZone)
  expect(expected.length).toBeGreaterThan(720)
  expect(await aggregate(tables, 'day', from, to)).toEqual(expected)
  connection.closeSync()
  instance.closeSync()
})

async function aggregate(tables: ReadingOperations, by: AggregateBy, from: number, to: number) {
  const [found] = await tables.aggregate([{ point: 'a/b/c', by, from, to }])
  return unpackAggregates(found!)
}

const hourly = (start: number, hours: number): Reading[] =>
  Array.from({ length: hours }, (_, i) => {
    const time = start + i * HOUR
    return { point: 'a/b/c', time, value: i % 97, quality: 'good', gatewayTime: time }
  })

/** A file in memory that may be opened again; with its rollups made. */
async function openDays(connection: DuckDBConnection, timeZone: string) {
  const tables = await openTables(connection, ':memory:', { timeZone })
  while (await tables.refreshRollups());
  return {
    write: (readings: Reading[]) => tables.write(new ReadingPacker().pack(toColumns(readings)), [], []),
    days: (from: number, to: number) => aggregate(tables, 'day', from, to),
    refresh: tables.refreshRollups,
  }
}

test('a day of which a midnight splits an hour has no rollup', async () => {
  await using stack = new AsyncDisposableStack()
  const connection = await inMemory(stack)
  const start = Date.UTC(2026, 0, 1)
  const [from, to] = [start, start + 10 * DAY]
  const counted = async () =>
    (await connection.runAndReadAll('SELECT count(*)::INTEGER FROM rollup_day')).getRows()[0]![0]
  for (const timeZone of ['Pacific/Marquesas', 'Asia/Kolkata']) {
    const { write, refresh, days } = await openDays(connection, timeZone)
    await write(hourly(start, 10 * 24))
    while (await refresh());
    expect(await days(from, to)).toEqual(aggregated(hourly(start, 10 * 24), 'day', from, to, timeZone))
    expect(await counted()).toBe(0)
  }
})

test('a long chart by day looks at neither the hours nor the readings of days that are over', async () => {
  await using stack = new AsyncDisposableStack()
  const connection = await inMemory(stack)
  const start = Date.UTC(2026, 0, 1, 23)
  const readings = hourly(start, 60 * 24)
  const { write, refresh, days } = await openDays(connection, 'Europe/Paris')
  await write(readings)
  while (await refresh());
  const expected = aggregated(readings, 'day', start, start + 61 * DAY, 'Europe/Paris')
  await connection.run(`DELETE FROM rollup_hour WHERE hour < ${start + 58 * DAY}`)
  await connection.run(`DELETE FROM reading WHERE time < ${start + 58 * DAY}`)
  expect(await days(start, start + 61 * DAY)).toEqual(expected)
})

test('a file of a version without days, and one of another time zone, gets them when it is opened', async () => {
  await using stack = new AsyncDisposableStack()
  const connection = await inMemory(stack)
  const start = Date.UTC(2026, 2, 20)
  const readings = hourly(start, 20 * 24)
  const [from, to] = [start, start + 21 * DAY]
  const paris = await openDays(connection, 'Europe/Paris')
  await paris.write(readings)
  while (await paris.refresh());
  await connection.run('DROP TABLE rollup_day; DROP TABLE rollup_zone; UPDATE schema_version SET version = 3')
  const upgraded = await openDays(connection, 'Europe/Paris')
  expect(await upgraded.days(from, to)).toEqual(aggregated(readings, 'day', from, to, 'Europe/Paris'))

  const late = { ...readings[30]!, time: readings[30]!.time + MINUTE, value: 1000 }
  await upgraded.write([late])
  const elsewhere = await openDays(connection, 'America/Cayenne')
  const all = [...readings, late]
  expect(await elsewhere.days(from, to)).toEqual(aggregated(all, 'day', from, to, 'America/Cayenne'))
  const back = await openDays(connection, 'Europe/Paris')
  expect(await back.days(from, to)).toEqual(aggregated(all, 'day', from, to, 'Europe/Paris'))
})

test('the ledger keeps one row a key, however often it is added to', async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  const tables = await openTables(connection, ':memory:', { timeZone: 'Europe/Paris' })
  const rowsOf = async () =>
    (await connection.runAndReadAll('SELECT count(*)::INTEGER FROM ledger')).getRows()[0]![0]
  const stream = { sender: 's', stream: 'measures' } as const
  const write = (upTo: number, hour: number, times: number) => {
    const entry = { ...stream, hour, outcome: 'prompt', count: 2 } as const
    const position = { ...stream, run: 'r', upTo, ranges: [] }
    return tables.write(
      new ReadingPacker().pack(toColumns([])),
      [position],
      Array.from({ length: times }, () => entry),
    )
  }
  await tables.refreshRollups()
  await write(1, 0, 3)
  await tables.refreshRollups()
  expect(await rowsOf()).toBe(3)
  await write(2, 3_600_000, 12_000)
  await tables.refreshRollups()
  expect(await rowsOf()).toBe(2)
  await write(3, 3_600_000, 12_000)
  await tables.refreshRollups()
  expect(await rowsOf()).toBe(2)
  const expected = [0, 3_600_000].map((hour, i) => ({
    ...stream,
    hour,
    outcome: 'prompt',
    count: [6, 48_000][i],
  }))
  expect((await tables.ledger(0, Infinity)).toSorted((a, b) => a.hour - b.hour)).toEqual(expected)
  connection.closeSync()
  instance.closeSync()
})
