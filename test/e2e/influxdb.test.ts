import { afterEach, describe, expect, it } from 'vitest'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { freePort } from '../peers/process.ts'
import { ask } from './ask.ts'
import { READY, type Running, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

const stopping: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
})

describe.runIf(findPeer('influxdb'))('the hub over an InfluxDB', () => {
  it('starts while InfluxDB is away, says so, and stores everything when it comes', async () => {
    const port = await freePort()
    const store = `{ kind: influxdb, url: "http://127.0.0.1:${port}", org: affluent, bucket: affluent, token: test-token }`
    const place = await makeSmallTerritory({ store })
    stopping.push(place.remove)
    const hub: Running & { match: RegExpExecArray } = await startAffluent(
      ['start', ...place.startFlags],
      READY,
    )
    stopping.push(() => hub.stop('SIGTERM'))
    const up = Date.now()
    const get = (path: string) => ask(hub.match[1] + path)
    const readiness = async (): Promise<{ status: string }> =>
      (await fetch(`${hub.match[1]}/health/ready`)).json() as Promise<{ status: string }>
    expect(await readiness()).toEqual({
      status: 'unready',
      checks: { broker: true, readings: false, figures: true, records: true },
      registry: 'in-force',
    })
    expect((await fetch(`${hub.match[1]}/v1/points/${INDEX}/readings`)).status).toBe(503)
    // Alerts need no store.
    await until(
      () => get('/v1/alerts'),
      ({ alerts }) => alerts.length > 0,
    )

    const influxdb = await startInfluxdb({ port })
    stopping.push(() => influxdb.close())
    await until(readiness, ({ status }) => status === 'ready')
    const latest = await until(
      async () => (await get(`/v1/points/${TEMPERATURE}/readings?limit=10000`)).readings,
      readings => readings.length > 0 && Date.parse(readings.at(-1).time) > up + 5_000,
    )
    expect(Date.parse(latest[0].time)).toBeLessThan(up + 1000)
    await until(
      () => get('/v1/completeness?by=hour&sender=gw'),
      ({ streams }) =>
        streams.length === 2 && streams.every(({ missing }: { missing: number }) => missing === 0),
    )
    const consumption = await until(
      () => get('/v1/consumption?site=college&by=hour'),
      ({ meters }) => meters[0].periods.some((period: { readings: number }) => period.readings > 0),
    )
    expect(consumption.meters[0]).toMatchObject({ meter: 'college-electricite' })
  })
})
