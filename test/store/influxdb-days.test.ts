import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { createConnection, type InfluxdbOptions } from '../../store/influxdb/connection.ts'
import { ALL_TIMES } from '../../store/influxdb/line-protocol.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { PointWriter } from '../../store/influxdb/write.ts'
import { findPeer } from '../peers/cache.ts'
import type { InfluxdbPeer } from '../peers/influxdb.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { aggregated } from './fixtures/aggregated.ts'
import { failNext, startInfluxLine } from './fixtures/influx-line.ts'

const log = pino({ level: 'silent' })
const HOUR = 3_600_000
const DAY = 24 * HOUR
const PARIS = 'Europe/Paris'
const START = Date.parse('2026-03-20T05:00Z')
const END = START + 20 * DAY

const reading = (time: number, value: number): Reading => {
  return { point: 'a/b/c', time, value, quality: 'good', gatewayTime: time }
}
const hourly = Array.from({ length: 20 * 24 }, (_, i) => reading(START + i * HOUR, i % 97))

describe.runIf(findPeer('influxdb'))('the rollups of days in InfluxDB', () => {
  let peer: InfluxdbPeer
  let buckets = 0
  beforeAll(async () => {
    peer = await startInfluxdb()
  })
  afterAll(() => peer.close())

  /** A process that writes, and one that only reads. */
  function open(options: Partial<InfluxdbOptions> & { bucket: string; timeZone?: string }) {
    const { timeZone = PARIS, bucket } = options
    const connection = createConnection({ ...peer, ...options })
    const writer = new PointWriter(connection, timeZone, () => true)
    return {
      write: (...readings: Reading[]) => writer.write(toColumns(readings), [], []),
      refresh: () => writer.refreshRollups(),
      async rollUp() {
        while (await writer.refreshRollups());
      },
      async days() {
        const store = await openInfluxReadingStore({ ...peer, bucket, timeZone, log, refreshIntervalMs: 1e9 })
        try {
          return await store.aggregate('a/b/c', 'day', START, END)
        } finally {
          await store.close()
        }
      },
      /** From here on only days can tell what was before. */
      async eraseAllButDays() {
        const old = { start: START, end: END - 2 * DAY }
        for (const measurement of ['reading', 'rollup_hour']) await connection.erase(measurement, {}, old)
      },
      async countDays() {
        const [series] = await connection.query(['SELECT count("count") FROM "rollup_day"'])
        return series?.[0]?.rows[0]?.[1] ?? 0
      },
      eraseDays: () => connection.erase('rollup_day', {}, ALL_TIMES),
      close: () => connection.close(),
    }
  }
  const newBucket = () => peer.createBucket(`days-${++buckets}`)
  const expected = (readings: Reading[], timeZone = PARIS) =>
    aggregated(
      readings.toSorted((a, b) => a.time - b.time),
      'day',
      START,
      END,
      timeZone,
    )

  test('a long chart looks at neither the hours nor the readings of days that are over', async () => {
    const hub = open({ bucket: await newBucket() })
    await hub.write(...hourly)
    await hub.rollUp()
    expect(await hub.countDays()).toBe(20)
    await hub.eraseAllButDays()
    expect(await hub.days()).toEqual(expected(hourly))
    hub.close()
  })

  test('late readings are in a day at once, and when it is rolled up again', async () => {
    const hub = open({ bucket: await newBucket() })
    await hub.write(...hourly)
    await hub.rollUp()
    const late = [reading(START + 30.5 * HOUR, 1000), reading(START + 33.5 * HOUR, -7)]
    await hub.write(...late)
    expect(await hub.days()).toEqual(expected([...hourly, ...late]))
    await hub.rollUp()
    await hub.eraseAllButDays()
    expect(await hub.days()).toEqual(expected([...hourly, ...late]))
    hub.close()
  })

  test('a bucket of a version without days, and one of another time zone, gets them from its next writer', async () => {
    const bucket = await newBucket()
    const first = open({ bucket })
    await first.write(...hourly)
    await first.rollUp()
    await first.eraseDays()
    expect(await first.days()).toEqual(expected(hourly))
    first.close()

    const all = [...hourly]
    const add = async (hub: ReturnType<typeof open>, more: Reading) => {
      all.push(more)
      await hub.write(more)
    }
    for (const timeZone of [PARIS, 'America/Cayenne', PARIS]) {
      const next = open({ bucket, timeZone })
      expect(await next.days()).toEqual(expected(all, timeZone))
      await add(next, reading(START + (40 + all.length / 1000) * HOUR, all.length))
      expect(await next.days()).toEqual(expected(all, timeZone))
      await next.rollUp()
      expect(await next.days()).toEqual(expected(all, timeZone))
      next.close()
    }
    const last = open({ bucket })
    await last.eraseAllButDays()
    expect(await last.days()).toEqual(expected(all))
    last.close()
  })

  test.each([
    ['before days are kept', 'rollup_day,point=a/b/c dirty=false', { status: 503 }],
    ['after days, and their answer is lost', 'rollup_day,point=a/b/c dirty=false', 'lost'],
    ['between days and hours', 'rollup_hour,point=a/b/c dirty=false', { status: 503 }],
    ['after hours, and their answer is lost', 'rollup_hour,point=a/b/c dirty=false', 'lost'],
  ] as const)('a day is right when its rollup breaks off %s', async (_, text, fault) => {
    for (const restarts of [false, true]) {
      const bucket = await newBucket()
      const line = await startInfluxLine(peer.url)
      const hub = open({ bucket, url: line.url })
      await hub.write(...hourly)
      failNext(line, text, fault)
      await expect(hub.rollUp()).rejects.toThrow()
      expect(await hub.days()).toEqual(expected(hourly))
      const next = restarts ? open({ bucket }) : hub
      const late = reading(START + 50.5 * HOUR, 1000)
      await next.write(late)
      expect(await next.days()).toEqual(expected([...hourly, late]))
      await next.rollUp()
      await next.eraseAllButDays()
      expect(await next.days()).toEqual(expected([...hourly, late]))
      next.close()
      hub.close()
      await line.close()
    }
  })

  test('where a midnight splits an hour, days are made of hours and readings', async () => {
    const timeZone = 'Pacific/Marquesas'
    const hub = open({ bucket: await newBucket(), timeZone })
    await hub.write(...hourly)
    await hub.rollUp()
    expect(await hub.days()).toEqual(expected(hourly, timeZone))
    expect(await hub.countDays()).toBe(0)
    hub.close()
  })
})
