import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it, onTestFinished } from 'vitest'
import { checkFolder } from '../../archive/check.ts'
import { importReadings } from '../../ingest/import.ts'
import type { Clock } from '../../model/clock.ts'
import { type Reading, toColumns, type Value } from '../../model/reading.ts'
import type { AggregateRequest } from '../../store/embedded/aggregates.ts'
import { compactReadings } from '../../store/embedded/compact.ts'
import { ReadingPacker } from '../../store/embedded/packed.ts'
import { unpackAggregates } from '../../store/embedded/packed-aggregates.ts'
import { openTables } from '../../store/embedded/reading-tables.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { silentLog as log, recordingLog, temporaryFolder } from '../bus/fixtures.ts'
import { until } from '../e2e/until.ts'
import { quarantined, testQuarantine } from '../ingest/hub.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Sunday on which Paris has 23 hours is among the days. */
const START = Date.UTC(2025, 2, 27)
const DAYS = 10
const NOW = START + DAYS * DAY
const KEEP = 5 * DAY
/** What is older is deleted. */
const LIMIT = NOW - DAY - KEEP
const POWER = 'college/elec/power'
const STATE = 'college/elec/state'
const INDEX = 'college/elec/index'
const GONE = 'college/old/power'
const POINTS = [POWER, STATE, INDEX, GONE]
const RETENTION = { keepMs: KEEP, points: [POWER, STATE] }

function reading(point: string, time: number, value: Value): Reading {
  return { point, time, value, quality: value === null ? 'bad:timeout' : 'good', gatewayTime: time }
}

/** Of every point by the quarter of an hour, all but the last minute of the last day. */
function history(points = POINTS): Reading[] {
  return Array.from({ length: DAYS * 96 }, (_, i) => START + i * 15 * MINUTE).flatMap((time, i) =>
    points.map(point =>
      reading(point, time, i % 17 === 0 ? null : point === STATE ? i % 2 === 0 : (i * 37) % 101),
    ),
  )
}

interface Options {
  file?: string
  timeZone?: string
  indexes?: string[]
  retention?: { keepMs: number; points: string[] }
}

async function open({ file = ':memory:', timeZone = 'Europe/Paris', ...settings }: Options = {}) {
  const instance = await DuckDBInstance.create(file, { threads: '1' })
  const connection = await instance.connect()
  const tables = await openTables(connection, file, { timeZone, ...settings })
  const close = () => {
    connection.closeSync()
    instance.closeSync()
  }
  return {
    ...tables,
    connection,
    close,
    aggregate: async (...asked: AggregateRequest[]) => (await tables.aggregate(asked)).map(unpackAggregates),
    store: (...readings: Reading[]) => tables.write(new ReadingPacker().pack(toColumns(readings)), [], []),
    async rollUp() {
      while (await tables.refreshRollups());
    },
    async expire(now = NOW) {
      let deleted = 0
      const differing: string[] = []
      for (let more = true; more; ) {
        const outcome = await tables.deleteExpired(now)
        more = outcome.more
        deleted += outcome.deleted
        differing.push(...outcome.differing)
      }
      return { deleted, differing }
    },
  }
}

type Opened = Awaited<ReturnType<typeof open>>

/** A store of a history, rolled up. */
async function filled(options: Options = {}): Promise<Opened> {
  const opened = await open({ indexes: [INDEX], retention: RETENTION, ...options })
  await opened.store(...history())
  await opened.rollUp()
  return opened
}

async function statisticsOf({ aggregate }: Opened) {
  const all = { from: START - DAY, to: NOW + DAY }
  return aggregate(
    ...POINTS.flatMap(point => [
      { point, by: 'hour' as const, ...all },
      { point, by: 'day' as const, ...all },
    ]),
  )
}

const timesOf = async ({ range }: Opened, point: string) =>
  (await range([{ point, from: 0, to: 8.64e15 }]))[0]!.times

for (const [timeZone, kept] of [
  ['Europe/Paris', 0],
  // Its days begin in the middle of an hour of UTC: those hours stay.
  ['Asia/Kolkata', 4],
] as const) {
  it(`leaves hours and days as they were, and nothing else of what is too old: ${timeZone}`, async () => {
    const opened = await filled({ timeZone })
    const before = await statisticsOf(opened)
    const latest = await opened.latest(POINTS)
    expect((await opened.series([POWER]))[0]).toMatchObject({ first: START })
    const wholeDays = (LIMIT - START) / DAY
    expect(wholeDays).toBe(4)
    const each = wholeDays * (96 - kept)
    expect(await opened.expire()).toEqual({ deleted: 2 * each, differing: [] })
    expect(await statisticsOf(opened)).toEqual(before)
    expect(await opened.latest(POINTS)).toEqual(latest)
    for (const point of [POWER, STATE]) {
      const times = (await timesOf(opened, point)).filter(time => time < LIMIT)
      expect(times).toHaveLength(wholeDays * kept)
      expect(times.every(time => time % DAY >= 18 * HOUR && time % DAY < 19 * HOUR)).toBe(true)
    }
    for (const point of [INDEX, GONE]) expect(await timesOf(opened, point)).toHaveLength(DAYS * 96)
    expect((await opened.series([POWER]))[0]).toMatchObject({ first: (await timesOf(opened, POWER))[0] })
    expect(await opened.aggregate({ point: POWER, by: 'minute', from: START, to: START + HOUR })).toEqual([
      [],
    ])
    const deletion = { before: LIMIT, count: each, at: NOW }
    expect(await opened.deleted()).toEqual([POWER, STATE].map(point => ({ point, ...deletion })))
    expect(await opened.deleted(INDEX)).toEqual([])
    expect(await opened.expire()).toEqual({ deleted: 0, differing: [] })
    expect(await opened.expire(NOW + DAY)).toEqual({ deleted: 0, differing: [] })
    opened.close()
  })
}

it('keeps the day of the newest reading of a point, and what is known of it', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  let opened = await open({ file, retention: RETENTION })
  await opened.store(
    ...history([POWER]),
    reading(STATE, START - 90 * DAY, true),
    reading(STATE, START, false),
  )
  await opened.rollUp()
  expect(await opened.expire()).toEqual({ deleted: 4 * 96 + 1, differing: [] })
  const latest = await opened.latest([STATE, POWER])
  expect(latest).toMatchObject([{ time: START, value: false }, { time: NOW - 15 * MINUTE }])
  opened.close()
  // It leaves no hour that waits for its rollup.
  await compactReadings({ file, onProgress: () => {}, signal: new AbortController().signal })
  opened = await open({ file, retention: RETENTION })
  expect(await opened.expire(NOW + DAY)).toEqual({ deleted: 0, differing: [] })
  expect(await opened.latest([STATE, POWER])).toEqual(latest)
  opened.close()
})

it('goes on in the middle of a day that has many readings', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  let opened = await open({ file, retention: RETENTION })
  const count = 86_400
  await opened.store(
    ...Array.from({ length: count }, (_, i) => reading(POWER, START + i * 1000, i % 91)),
    reading(POWER, NOW - 1, 0),
  )
  await opened.rollUp()
  const before = await opened.aggregate({ point: POWER, by: 'hour', from: START, to: NOW })
  let first = 0
  while (first === 0) first = (await opened.deleteExpired(NOW)).deleted
  expect(first).toBeLessThan(count)
  opened.close()
  opened = await open({ file, retention: RETENTION })
  expect(await opened.expire()).toEqual({ deleted: count - first, differing: [] })
  expect(await opened.deleted()).toMatchObject([{ count, before: START + DAY }])
  expect(await opened.aggregate({ point: POWER, by: 'hour', from: START, to: NOW })).toEqual(before)
  opened.close()
})

it('deletes no day with an hour that is not rolled up, or whose rollup does not count its readings', async () => {
  const opened = await open({ retention: RETENTION })
  await opened.store(...history([POWER, STATE]))
  await opened.rollUp()
  await opened.connection.run(
    `UPDATE rollup_hour SET count = count - 1 WHERE point_id = 1 AND hour = ${START + DAY + 5 * HOUR}`,
  )
  await opened.store(reading(POWER, START + 2 * DAY + 1, 5))
  expect(await opened.expire()).toEqual({ deleted: 2 * 96 + 96, differing: [STATE] })
  expect(await timesOf(opened, POWER)).toHaveLength(8 * 96 + 1)
  await opened.rollUp()
  expect(await opened.expire()).toEqual({ deleted: 2 * 96 + 1, differing: [] })
  expect(await timesOf(opened, STATE)).toHaveLength(9 * 96)
  opened.close()
})

it('never deletes what was an index once, nor by a clock that is ahead of every reading', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  ;(await open({ file, indexes: [POWER] })).close()
  const opened = await filled({ file })
  expect((await opened.expire(NOW + 365 * DAY)).deleted).toBe(4 * 96)
  expect(await timesOf(opened, POWER)).toHaveLength(DAYS * 96)
  expect((await opened.deleted()).map(({ point }) => point)).toEqual([STATE])
  opened.close()
})

it('takes no late reading of what is deleted, also once it is switched off', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  let opened = await filled({ file })
  await opened.expire()
  const before = await statisticsOf(opened)
  const stream = { sender: 's', stream: 'measures' } as const
  const late = [
    reading(POWER, LIMIT - 1, 1),
    reading(POWER, LIMIT, 74),
    reading(INDEX, START + 1, 2),
    reading('college/new/power', LIMIT - 1, 4),
    reading(POWER, START, null),
  ]
  const write = () =>
    opened.write(
      new ReadingPacker().pack(toColumns(late)),
      [{ ...stream, run: 'r', upTo: 5, ranges: [] }],
      [{ ...stream, hour: START, outcome: 'prompt', count: 5 }],
    )
  const reason = `readings of ${POWER} of before ${new Date(LIMIT).toISOString()} are not kept (retention): only their hourly statistics are`
  expect(await write()).toMatchObject({
    written: 2,
    refused: [
      { index: 0, reason },
      { index: 4, reason },
    ],
  })
  expect(await opened.positions()).toEqual([])
  expect(await opened.ledger(0, 8.64e15)).toEqual([])
  opened.close()
  opened = await open({ file })
  expect((await write()).refused).toHaveLength(2)
  await opened.rollUp()
  const after = await statisticsOf(opened)
  expect(after.slice(0, 4)).toEqual(before.slice(0, 4))
  opened.close()
})

it('quarantines what an import has of it, and the sums of the ledger hold', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  ;(await filled({ file })).close()
  const clock: Clock = { now: () => NOW, elapsed: () => 0 }
  const store = await openEmbeddedReadingStore({
    file,
    timeZone: 'Europe/Paris',
    log,
    refreshIntervalMs: 1e9,
    indexes: [INDEX],
    retention: { ...RETENTION, clock },
  })
  onTestFinished(() => store.close())
  await until(
    async () => (await store.deleted!()).map(({ before }) => before),
    before => String(before) === String([LIMIT, LIMIT]),
  )
  const quarantine = await testQuarantine()
  const portion = toColumns([
    reading(POWER, START + 7, 1),
    reading(INDEX, START + 7, 1),
    reading(POWER, LIMIT + 7, 1),
  ])
  const outcome = await importReadings({ store, name: 'n', portions: [portion], quarantine, clock, log })
  expect(outcome).toEqual({ readings: 3, written: 2, repeated: 0, quarantined: 1 })
  expect(quarantined(quarantine)).toMatchObject([
    {
      kind: 'refused',
      reason: expect.stringContaining('(retention)'),
      payload: { point: POWER, time: START + 7 },
    },
  ])
  const counts = (await store.ledger(0, 8.64e15)).map(({ outcome, count }) => [outcome, count])
  expect(counts.sort()).toEqual([
    ['late', 1],
    ['late', 1],
    ['quarantined', 1],
  ])
  expect(await store.positions()).toMatchObject([{ upTo: 3, ranges: [] }])
})

it('goes on where a kill has ended it, whichever slice that was', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'readings.duckdb')
  const opened = await filled({ file })
  const before = await statisticsOf(opened)
  let images = 0
  for (let outcome = await opened.deleteExpired(NOW), sum = 0; outcome.more; ) {
    sum += outcome.deleted
    // Files as a kill leaves them.
    const killed = join(folder, `killed-${++images}`)
    for (const suffix of ['', '.wal'])
      if (existsSync(file + suffix)) copyFileSync(file + suffix, killed + suffix)
    const again = await open({ file: killed, indexes: [INDEX], retention: RETENTION })
    const done = (await again.deleted()).reduce((sum, { count }) => sum + count, 0)
    expect(done).toBe(sum)
    expect((await again.expire()).deleted).toBe(2 * 4 * 96 - done)
    expect(await statisticsOf(again)).toEqual(before)
    again.close()
    outcome = await opened.deleteExpired(NOW)
  }
  expect(images).toBe(1 + 2 * 4)
  opened.close()
})

it('leaves a slice out whole when it fails, and tries it again', async () => {
  const opened = await filled()
  // Fails where the readings are deleted already, and it is to be noted.
  await opened.connection.run('ALTER TABLE deleted ADD COLUMN another INTEGER')
  await expect(opened.expire()).rejects.toThrow()
  await opened.connection.run('ALTER TABLE deleted DROP COLUMN another')
  expect(await timesOf(opened, POWER)).toHaveLength(DAYS * 96)
  expect((await opened.expire()).deleted).toBe(2 * 4 * 96)
  opened.close()
})

it('is understood by check and compaction, and a new rollup that differs is still found', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'readings.duckdb')
  let opened = await filled({ file, timeZone: 'Asia/Kolkata' })
  await opened.expire()
  const before = await statisticsOf(opened)
  const deleted = await opened.deleted()
  opened.close()
  const signal = new AbortController().signal
  const check = () => checkFolder({ folder, full: true, onProgress: () => {}, signal })
  expect(await check()).toEqual([])
  await compactReadings({ file, onProgress: () => {}, signal })
  expect(await check()).toEqual([])
  opened = await open({ file, timeZone: 'Asia/Kolkata' })
  expect(await statisticsOf(opened)).toEqual(before)
  expect(await opened.deleted()).toEqual(deleted)
  await opened.connection.run(`DELETE FROM reading WHERE point_id = 0 AND time = ${LIMIT + HOUR}`)
  await opened.connection.run(`DELETE FROM reading WHERE point_id = 2 AND time < ${START + HOUR}`)
  opened.close()
  expect(await check()).toMatchObject([
    { problem: '2 hours have a rollup that is not that of their readings' },
  ])
})

it('runs at start and every hour by the clock, and names what it could not delete', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  const opened = await filled({ file })
  await opened.connection.run(`UPDATE rollup_hour SET count = count + 1 WHERE point_id = 1`)
  opened.close()
  const recorded = recordingLog()
  let now = NOW
  const store = await openEmbeddedReadingStore({
    file,
    timeZone: 'Europe/Paris',
    log: recorded.log,
    refreshIntervalMs: 1,
    indexes: [INDEX],
    retention: { ...RETENTION, clock: { now: () => now, elapsed: () => now } },
  })
  onTestFinished(() => store.close())
  const reached = async () => (await store.deleted!(POWER))[0]?.before
  await until(reached, before => before === LIMIT)
  expect(recorded.lines.join('')).toContain(`"points":["${STATE}"]`)
  await store.write(toColumns([reading(POWER, NOW + DAY - 1, 3)]), [])
  now += DAY
  await until(reached, before => before === LIMIT + DAY)
})
