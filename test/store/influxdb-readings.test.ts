import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { createConnection } from '../../store/influxdb/connection.ts'
import { type InfluxStoreOptions, openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { readingStoreContract } from '../contract/reading-store.ts'
import type { InfluxdbPeer } from '../peers/influxdb.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { aggregated } from './fixtures/aggregated.ts'
import { failNext, startInfluxLine } from './fixtures/influx-line.ts'

const log = pino({ level: 'silent' })
let peer: InfluxdbPeer
let buckets = 0

/** A bucket for each test, so that none sees another's data. */
const createBucket = () => peer.createBucket(`test-${++buckets}`)

for (const [name, refreshIntervalMs] of [
  ['InfluxDB 2.7, rolled up later', 1e9],
  ['InfluxDB 2.7, rolled up at once', 1],
] as const) {
  readingStoreContract(name, {
    async site() {
      const bucket = await createBucket()
      return {
        open: timeZone => openInfluxReadingStore({ ...peer, bucket, timeZone, log, refreshIntervalMs }),
        close: async () => {},
      }
    },
    outage: { begin: () => peer.stop(), end: () => peer.start() },
    async start() {
      peer = await startInfluxdb()
    },
    close: () => peer.close(),
  })
}

const HOUR = 3_600_000
const T0 = Date.parse('2026-03-10T08:00:00Z')
const reading = (time: number, value: number): Reading => {
  return { point: 'a/b/c', time, value, quality: 'good', gatewayTime: time }
}

describe('InfluxDB 2.7, between processes and over a bad line', () => {
  beforeAll(async () => {
    peer = await startInfluxdb()
  })
  afterAll(() => peer.close())
  const open = async (more: Partial<InfluxStoreOptions> & { bucket: string }) =>
    openInfluxReadingStore({ ...peer, timeZone: 'Europe/Paris', log, refreshIntervalMs: 1e9, ...more })

  test('whoever writes a point next rolls up the hours that its last writer left', async () => {
    const bucket = await createBucket()
    const first = await open({ bucket })
    const readings = Array.from({ length: 300 }, (_, i) => reading(T0 + i * 60_000, i))
    await first.write(toColumns(readings), [])
    const aggregates = async () =>
      Promise.all((['hour', 'day'] as const).map(by => second.aggregate('a/b/c', by, T0, T0 + 5 * HOUR)))
    await first.close()

    const second = await open({ bucket, refreshIntervalMs: 1 })
    const before = await aggregates()
    expect(before[0]).toHaveLength(5)
    await second.write(toColumns([reading(T0 + 5 * HOUR, 0)]), [])
    const connection = createConnection({ ...peer, bucket })
    await vi.waitFor(
      async () => {
        const [dirty] = await connection.query(['SELECT "dirty" FROM "rollup_hour" WHERE "dirty" = true'])
        expect(dirty![0]!.rows.map(([hour]) => hour)).toEqual([T0 + 5 * HOUR])
      },
      { timeout: 30_000 },
    )
    expect((await aggregates())[0]).toEqual(before[0])
    expect((await aggregates())[1]).toMatchObject([{ count: 301, min: 0, max: 299, first: 0, last: 0 }])

    // Late data in an hour that is rolled up.
    await second.write(toColumns([reading(T0 + 1, 1_000)]), [])
    expect((await aggregates())[0]![0]).toMatchObject({ count: 61, max: 1_000, first: 0, last: 59 })
    await second.close()
  })

  test('a write whose answer is lost is recognised when it is made again', async () => {
    const bucket = await createBucket()
    const line = await startInfluxLine(peer.url)
    const store = await open({ bucket, url: line.url })
    await store.write(toColumns([reading(T0, 1)]), [])
    failNext(line, 'reading,', 'lost')
    const batch = toColumns([reading(T0 + 1, 2), reading(T0 + 2, 3)])
    await expect(store.write(batch, [])).rejects.toThrow(StoreUnavailableError)
    expect(await store.write(toColumns([reading(T0 + 2, 4)]), [])).toMatchObject({ conflicts: [0] })
    const before = line.requests.length
    expect(await store.write(batch, [])).toEqual({ written: 0, repeated: 2, conflicts: [] })
    // InfluxDB shows what it failed to get onto a full disk: that it is there does not prove that it stays.
    const again = line.requests.slice(before).filter(({ path }) => path.startsWith('/api/v2/write'))
    expect(again.map(({ body }) => body.split(/[ ,]/)[0])).toEqual(['reading'])
    expect((await store.range('a/b/c', T0, T0 + 9)).map(({ value }) => value)).toEqual([1, 2, 3])
    await store.close()
    await line.close()
  })

  test('positions are written after the readings that they complete', async () => {
    const bucket = await createBucket()
    const line = await startInfluxLine(peer.url)
    const store = await open({ bucket, url: line.url })
    failNext(line, 'reading,', { status: 503 })
    const position = { sender: 's', stream: 'measures' as const, run: 'r', upTo: 1, ranges: [] }
    await expect(store.write(toColumns([reading(T0, 1)]), [position])).rejects.toThrow(/answers 503/)
    expect(await store.positions()).toEqual([])
    expect(await store.range('a/b/c', T0, T0 + 1)).toEqual([])
    expect(await store.write(toColumns([reading(T0, 1)]), [position])).toMatchObject({ written: 1 })
    expect(await store.positions()).toEqual([position])
    await store.close()
    await line.close()
  })

  describe('the ledger', () => {
    const stream = { sender: 's', stream: 'measures' } as const
    const reach = (upTo: number) => [{ ...stream, run: 'r', upTo, ranges: [] }]
    const counted = (count: number, hour = T0) => [{ ...stream, hour, outcome: 'prompt' as const, count }]

    test.each([
      ['before the position is kept', { status: 503 }, 'position,'],
      ['after it, and its answer is lost', 'lost', 'position,'],
      ['before its own points are kept', { status: 503 }, 'ledger,'],
      ['after them, and their answer is lost', 'lost', 'ledger,'],
    ] as const)('counts once although the write fails %s', async (_, fault, what) => {
      for (const restarts of [false, true]) {
        const bucket = await createBucket()
        const line = await startInfluxLine(peer.url)
        let store = await open({ bucket, url: line.url })
        await store.write(toColumns([reading(T0, 1)]), reach(1), counted(1))
        failNext(line, what, fault)
        const again = () => store.write(toColumns([reading(T0 + 1, 1)]), reach(2), counted(1))
        await expect(again()).rejects.toThrow(StoreUnavailableError)
        // What is stored of the position is told of the ledger.
        const [{ upTo } = { upTo: 0 }] = await store.positions()
        expect(await store.ledger(T0, T0 + HOUR)).toEqual(counted(upTo))
        if (restarts) {
          await store.close()
          store = await open({ bucket, url: line.url })
        }
        await again()
        expect(await store.ledger(T0, T0 + HOUR)).toEqual(counted(2))
        await store.write(toColumns([]), reach(3), counted(1, T0 + HOUR))
        await store.write(toColumns([]), reach(4), counted(1))
        expect(await store.ledger(T0, T0 + 1)).toEqual(counted(3))
        await store.close()
        await line.close()
      }
    })

    test('takes from a position what a process left out of the ledger, although another hour comes next', async () => {
      const bucket = await createBucket()
      const line = await startInfluxLine(peer.url)
      const first = await open({ bucket, url: line.url })
      failNext(line, 'ledger,', { status: 503 })
      await expect(first.write(toColumns([]), reach(1), counted(1))).rejects.toThrow(StoreUnavailableError)
      await first.close()
      const second = await open({ bucket })
      await second.write(toColumns([]), reach(2), counted(1, T0 + HOUR))
      expect(await second.ledger(T0, T0 + 1)).toEqual(counted(1))
      await second.close()
      await line.close()
    })
  })

  test.each(['Europe/Paris', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
    'joins rolled-up hours into the days of %s, but for those that are out of date',
    async timeZone => {
      const bucket = await createBucket()
      const first = await open({ bucket, timeZone, refreshIntervalMs: 1 })
      const weeks = ['2026-03-27T05:00Z', '2026-10-02T05:00Z', '2026-10-23T05:00Z'].map(Date.parse)
      const readings = weeks.flatMap(start => {
        return Array.from({ length: 5 * 24 }, (_, i) => reading(start + i * HOUR, (i * 31) % 101))
      })
      await first.write(toColumns(readings), [])
      const connection = createConnection({ ...peer, bucket })
      await vi.waitFor(
        async () => {
          const [dirty] = await connection.query(['SELECT "dirty" FROM "rollup_hour" WHERE "dirty" = true'])
          expect(dirty![0]!.rows).toHaveLength(1)
        },
        { timeout: 20_000 },
      )
      connection.close()
      await first.close()

      const second = await open({ bucket, timeZone })
      const late = weeks.map(start => reading(start + 30.5 * HOUR, 1000))
      await second.write(toColumns(late), [])
      const all = [...readings, ...late].toSorted((a, b) => a.time - b.time)
      const [from, to] = [weeks[0]! + 20 * HOUR, weeks[2]! + 5 * 24 * HOUR]
      const days = await second.aggregate('a/b/c', 'day', from, to)
      expect(days).toEqual(aggregated(all, 'day', from, to, timeZone))
      await second.close()
    },
  )

  test('a wrong token or bucket is named, the token is not, and both may be put right', async () => {
    const bucket = await createBucket()
    const batch = toColumns([reading(T0, 1)])
    const stranger = await open({ bucket, token: 'a-wrong-secret' })
    const refused = await stranger.write(batch, []).catch(error => error)
    expect(refused).toBeInstanceOf(StoreUnavailableError)
    expect(refused.message).toMatch(/answers 401 .*check that the token may read and write bucket test-/)
    expect(JSON.stringify([refused.message, refused.stack, refused.cause])).not.toContain('a-wrong-secret')
    await stranger.close()

    const lost = await open({ bucket: 'no-such-bucket' })
    await expect(lost.write(batch, [])).rejects.toThrow(/check that bucket no-such-bucket exists/)
    await lost.close()
  })

  test('what InfluxDB will never take is no matter of waiting', async () => {
    const bucket = await createBucket()
    await createConnection({ ...peer, bucket }).write(['reading,point=x num="a text" 0'])
    const store = await open({ bucket })
    const refused = await store.write(toColumns([reading(T0, 1)]), [])
    // Both writers chose the day's shard, where a field has one type.
    const again = await store.write(toColumns([reading(1, 1)]), [])
    expect(refused).toEqual({ written: 1, repeated: 0, conflicts: [] })
    expect(again).toEqual({
      written: 0,
      repeated: 0,
      conflicts: [],
      refused: [{ index: 0, reason: expect.stringMatching(/refuses .* bucket test-.*field type conflict/) }],
    })
    await store.close()
  })
})
