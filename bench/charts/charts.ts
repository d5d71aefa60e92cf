import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { persist } from '../../ingest/persist.ts'
import { emptyColumns, type ReadingColumns } from '../../model/reading.ts'
import { DAY_MS, MINUTE_MS } from '../../model/time.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { createConnection, type InfluxdbOptions } from '../../store/influxdb/connection.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { setUpInfluxdb } from '../../store/influxdb/setup.ts'
import type { AggregateBy, ReadingStore } from '../../store/readings.ts'
import { startInfluxdb } from '../../test/peers/influxdb.ts'
import { type Benchmark, median } from '../figures.ts'

const log = pino({ level: 'warn' })
const timeZone = 'Europe/Paris'
const START = Date.UTC(2016, 10, 20)
const END = Date.UTC(2026, 10, 22)
const POINTS = Array.from({ length: 2 }, (_, i) => `site-${i}/meter/power`)
const STEP_MS = 60 * MINUTE_MS
const ASKED = 15

const CHARTS: [name: string, by: AggregateBy, from: number][] = [
  ['day-by-minute', 'minute', END - DAY_MS],
  ['year-by-hour', 'hour', END - 365 * DAY_MS],
  ['ten-years-by-day', 'day', END - 3652 * DAY_MS],
]

/**
 * Ten years of two points, every hour, every minute on the last day: how long each chart of one of them takes to
 * answer. `ratio charts-<store>`: the time of a day by minute over that of ten years by day.
 */
export function measureCharts(): Benchmark {
  return {
    peers: ['influxdb'],
    async round(print) {
      await using stack = new AsyncDisposableStack()
      const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'affluent-bench-')), path =>
        rm(path, { recursive: true, force: true }),
      )
      const peer = stack.adopt(await startInfluxdb(), each => each.close())
      const bucket = 'charts'
      const { url, org, token } = peer
      await setUpInfluxdb({
        ...{ url, org, bucket },
        credentials: { token },
        retentionDays: 0,
        newToken: false,
      })
      const influxdb = { url, org, bucket, token }
      const open = { timeZone, log, refreshIntervalMs: 50 }
      const stores: [string, ReadingStore][] = [
        ['embedded', await openEmbeddedReadingStore({ file: join(folder, 'readings.duckdb'), ...open })],
        ['influxdb', await openInfluxReadingStore({ ...influxdb, ...open })],
      ]
      const ratios: Record<string, number> = {}
      const figures: Record<string, number> = {}
      for (const [name, opened] of stores) {
        const store = stack.adopt(opened, each => each.close())
        for (const columns of history()) await persist('storing', () => store.write(columns, []), { log })
        await (name === 'influxdb' ? untilRolledUp(influxdb) : settle(store))
        for (const [chart, by, from] of CHARTS) {
          const ms = await timeOf(store, by, from)
          figures[`charts-${name}-${chart}-ms`] = ms
          print(`${name} ${chart}: ${ms.toFixed(1)} ms`)
        }
        const [short, , long] = CHARTS.map(([chart]) => figures[`charts-${name}-${chart}-ms`]!)
        ratios[`charts-${name}`] = short! / long!
      }
      return { ratios, figures }
    },
  }
}

function* history(): Generator<ReadingColumns> {
  let columns = emptyColumns()
  for (let time = START; time < END; time += time < END - DAY_MS ? STEP_MS : MINUTE_MS) {
    for (const [i, point] of POINTS.entries()) {
      columns.points.push(point)
      columns.times.push(time)
      columns.values.push(100 + i + ((time / MINUTE_MS) % 1440) / 100)
      columns.qualities.push('good')
      columns.gatewayTimes.push(time + 20)
    }
    if (columns.points.length < 20_000) continue
    yield columns
    columns = emptyColumns()
  }
  yield columns
}

/** Until the long chart gets no quicker: then everything is rolled up. */
async function settle(store: ReadingStore): Promise<void> {
  let best = Infinity
  for (let inVain = 0; inVain < 20; inVain++) {
    const ms = await timeOnce(store, 'day', START)
    if (ms < 0.95 * best) inVain = 0
    best = Math.min(best, ms)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

async function untilRolledUp(influxdb: InfluxdbOptions): Promise<void> {
  const connection = createConnection(influxdb)
  for (let dirty = Infinity; dirty > POINTS.length; ) {
    await new Promise(resolve => setTimeout(resolve, 500))
    const [series] = await connection.query(['SELECT count("dirty") FROM "rollup_hour" WHERE "dirty" = true'])
    dirty = (series?.[0]?.rows[0]?.[1] as number | undefined) ?? 0
  }
  connection.close()
}

async function timeOf(store: ReadingStore, by: AggregateBy, from: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ASKED; i++) times.push(await timeOnce(store, by, from))
  return median(times)
}

async function timeOnce(store: ReadingStore, by: AggregateBy, from: number): Promise<number> {
  const before = performance.now()
  await store.aggregate(POINTS[1]!, by, from, END)
  return performance.now() - before
}
