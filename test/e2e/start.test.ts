import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import type { StreamPosition } from '../../model/delivery.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

const STOP_LIMIT_MS = 5000

type Place = Awaited<ReturnType<typeof makeSmallTerritory>>
let place: Place
afterEach(() => place.remove())

const startHub = (...flags: string[]) => startAffluent(['start', ...place.startFlags, ...flags], READY)

async function latestTime(url: string, point: string): Promise<number> {
  const { points } = await ask(`${url}/v1/points/latest`)
  const { reading } = points.find((latest: { point: string }) => latest.point === point)
  return reading ? Date.parse(reading.time) : 0
}

/** Waits until the hub has stored some readings of its own time, and returns the newest time that it shows. */
async function afterSomeReadings(url: string): Promise<number> {
  const first = await until(() => latestTime(url, INDEX), Boolean)
  return until(
    () => latestTime(url, INDEX),
    time => time > first + 1000,
  )
}

/** What a hub that has ended left behind. */
const listQuarantine = async () => (await runAffluent(['quarantine', 'list', ...place.flags])).out

async function leftBehind(point: string): Promise<{ times: number[]; positions: StreamPosition[] }> {
  const log = pino({ level: 'silent' })
  const file = `${place.data}/readings.duckdb`
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
  const readings = await store.range(point, 0, Date.now())
  const positions = await store.positions()
  await store.close()
  return { times: readings.map(reading => reading.time), positions }
}

describe('affluent start', () => {
  it('shows progress and one line with the address, answers there, and lays down history once', async () => {
    place = await makeSmallTerritory({ historyMonths: 1, indexInterval: '10min' })
    const first = await startHub()
    const url = first.match[1]!
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    const months = await ask(`${url}/v1/sites/college/consumption?by=month`)
    expect(months.fluids[0].periods.some((period: { coverage: number }) => period.coverage > 0.99)).toBe(true)
    const { code, out } = await first.stop('SIGTERM')
    expect(code).toBe(0)
    expect(out).toMatch(/Laying down history \[#+] 100 %/)
    expect(out.match(/Affluent is ready/g)).toHaveLength(1)
    expect(out.trimEnd().split('\n').at(-1)).toBe(`Affluent is ready: ${url}`)
    const history = await leftBehind(INDEX)

    const second = await startHub()
    await until(
      () => latestTime(second.match[1]!, TEMPERATURE),
      time => time > Date.now() - 5000,
    )
    expect((await second.stop('SIGTERM')).out).not.toContain('history')
    const joined = await leftBehind(INDEX)
    expect(joined.times.slice(0, history.times.length)).toEqual(history.times)
  })

  it('ends in time also while history is laid down, which the next start finishes', async () => {
    place = await makeSmallTerritory({ historyMonths: 60, indexInterval: '10min' })
    const first = await startAffluent(['start', ...place.startFlags], /history.* [2-9]\d %/)
    const { code, ms, out } = await first.stop('SIGINT')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(STOP_LIMIT_MS)
    expect(out).not.toContain('ready')

    const began = Date.now()
    const second = await startHub()
    expect(second.out()).toMatch(/history.* 100 %/)
    await second.stop('SIGTERM')
    // What was read live has a phase of its own.
    const times = (await leftBehind(INDEX)).times.filter(time => time < began)
    const steps = new Set(times.slice(1).map((time, i) => time - times[i]!))
    expect([...steps]).toEqual([600_000])
    expect(times.length).toBeGreaterThan(60 * 28 * 144)
    expect(await listQuarantine()).toBe('Nothing of this kind is in the quarantine.\n')
  })

  it('ends in time on SIGTERM, SIGINT and even SIGKILL, and goes on without a reading lost', async () => {
    place = await makeSmallTerritory()
    /** When the hub was down, from the last moment that it may have read until it was ready again. */
    const down: { from: number; to: number }[] = []
    const shown: number[] = []
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGTERM'] as const) {
      const hub = await startHub()
      if (down.length > 0) down.at(-1)!.to = Date.now()
      shown.push(await afterSomeReadings(hub.match[1]!))
      const from = Date.now()
      const { code, ms } = await hub.stop(signal)
      expect(code).toBe(signal === 'SIGKILL' ? null : 0)
      expect(ms).toBeLessThan(STOP_LIMIT_MS)
      down.push({ from, to: from })
    }

    const { times, positions } = await leftBehind(INDEX)
    for (const time of shown) expect(times).toContain(time)
    // A busy machine may hold up a reading or two; what was read before a signal must be there all the same.
    for (const [i, time] of times.entries()) {
      const before = times[i - 1]
      if (before === undefined || time - before < 3000) continue
      expect(down.some(({ from, to }) => before < to && from < time)).toBe(true)
    }
    for (const { from } of down) expect(times.findLast(time => time <= from)).toBeGreaterThan(from - 1500)

    const ofGateway = positions.filter(({ sender }) => sender === 'gw')
    expect(ofGateway.map(({ stream }) => stream).sort()).toEqual(['indexes', 'measures'])
    expect(ofGateway.find(({ stream }) => stream === 'indexes')).toMatchObject({
      upTo: times.length,
      ranges: [],
    })
    expect(await listQuarantine()).toBe('Nothing of this kind is in the quarantine.\n')
  })
})
