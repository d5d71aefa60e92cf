import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import type { FigureStore } from '../../store/figures.ts'
import { createConnection } from '../../store/influxdb/connection.ts'
import { copyConsumption } from '../../store/influxdb/consumption.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { findPeer } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'

const HOUR = 3_600_000
const T0 = Date.parse('2026-03-10T08:00:00Z')
const STEPS: Record<string, number> = { electricity: 1000, 'water, main': 100 }

/** An hour of consumption, `index` hours after T0. */
const figure = (index: number, amount: number, coveredMs = HOUR): ConsumptionFigure => {
  const start = T0 + index * HOUR
  return { start, end: start + HOUR, amount, coveredMs, readings: 6 }
}
const hours = (count: number) => T0 + count * HOUR

describe.runIf(findPeer('influxdb'))('the copy of consumption in InfluxDB', () => {
  let influxdb: InfluxdbPeer
  let folder: string
  let own: FigureStore
  let figures: FigureStore
  beforeAll(async () => {
    influxdb = await startInfluxdb()
    folder = await mkdtemp(join(tmpdir(), 'affluent-copy-'))
    own = await openFigureStore({ file: join(folder, 'figures.duckdb'), log: pino({ level: 'silent' }) })
    figures = copyConsumption({ ...influxdb, figures: own, stepsPerUnit: meter => STEPS[meter] ?? 1 })
  })
  afterAll(async () => {
    await figures.close()
    await influxdb.close()
    await rm(folder, { recursive: true })
  })

  /** Hours after T0, amount and coverage of what InfluxDB holds of a meter. */
  async function copied(meter: string): Promise<unknown[][]> {
    const connection = createConnection(influxdb)
    const query = `SELECT "amount", "coverage" FROM "consumption" WHERE "meter" = '${meter}'`
    const [series] = await connection.query([query])
    connection.close()
    return (series![0]?.rows ?? []).map(([time, ...rest]) => [((time as number) - T0) / HOUR, ...rest])
  }

  it("holds each hour in the meter's unit, with its coverage, and no other period", async () => {
    const written = [figure(0, 1234), figure(1, 0), figure(2, 5, HOUR / 4)]
    await figures.replace('electricity', 'hour', T0, hours(3), written)
    await figures.replace('electricity', 'day', T0 - 24 * HOUR, hours(24), [figure(0, 1239)])
    await figures.replace('water, main', 'hour', T0, hours(1), [figure(0, 1)])
    expect(await copied('electricity')).toEqual([
      [0, 1.234, 1],
      [1, 0, 1],
      [2, 0.005, 0.25],
    ])
    expect(await copied('water, main')).toEqual([[0, 0.01, 1]])
    expect(await figures.consumption('electricity', 'hour', T0, hours(3))).toEqual(written)
    expect(await figures.allConsumption('day', T0, hours(1))).toHaveLength(1)
  })

  it('follows a replacement: other amounts, and hours that are gone, but nothing beside them', async () => {
    await figures.replace(
      'heat',
      'hour',
      T0,
      hours(5),
      [0, 1, 2, 3, 4].map(hour => figure(hour, hour + 1)),
    )
    await figures.replace('gas', 'hour', T0, hours(5), [figure(2, 9)])
    await figures.replace('heat', 'hour', hours(1), hours(4), [figure(2, 30)])
    expect(await copied('heat')).toEqual([
      [0, 1, 1],
      [2, 30, 1],
      [4, 5, 1],
    ])
    expect(await copied('gas')).toEqual([[2, 9, 1]])
    await figures.replace('gas', 'hour', T0, hours(5), [])
    expect(await copied('gas')).toEqual([])
    await figures.replace('gas', 'hour', T0, hours(5), [figure(2, 8)])
    expect(await copied('gas')).toEqual([[2, 8, 1]])
  })

  it('is never behind: with InfluxDB away a replacement fails and the figures stay; the next one does both', async () => {
    const before = [figure(0, 1), figure(1, 2)]
    const after = [figure(1, 3)]
    await figures.replace('cooling', 'hour', T0, hours(2), before)
    await influxdb.stop()
    await expect(figures.replace('cooling', 'hour', T0, hours(2), after)).rejects.toThrow(
      StoreUnavailableError,
    )
    await expect(figures.replace('cooling', 'hour', T0, hours(2), [...before, figure(1, 9)])).rejects.toThrow(
      StoreUnavailableError,
    )
    expect(await figures.consumption('cooling', 'hour', T0, hours(2))).toEqual(before)
    await influxdb.start()
    expect(await copied('cooling')).toEqual([
      [0, 1, 1],
      [1, 2, 1],
    ])
    await figures.replace('cooling', 'hour', T0, hours(2), after)
    expect(await copied('cooling')).toEqual([[1, 3, 1]])
    expect(await figures.consumption('cooling', 'hour', T0, hours(2))).toEqual(after)
  })
})
