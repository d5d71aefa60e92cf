import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../peers/process.ts'
import { ask } from './ask.ts'
import { READY, type Running, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory } from './small-territory.ts'
import { until } from './until.ts'

const running = new Set<Running>()
afterEach(async () => {
  await Promise.all([...running].map(process => process.stop('SIGTERM')))
  running.clear()
})

async function start(args: readonly string[], ready: RegExp) {
  const process = await startAffluent(args, ready)
  running.add(process)
  return process
}

describe('one process a role', () => {
  it('devices, a gateway and the hub: what the hub misses while it is killed comes after', async () => {
    const [modbusPort, mqttPort] = [await freePort(), await freePort()]
    const place = await makeSmallTerritory({ modbusPort })
    await writeFile(
      place.at('gateway.yaml'),
      `territory: territory.yaml\nroles: [gateway]\nmqtt: { url: "mqtt://127.0.0.1:${mqttPort}" }\n`,
    )
    const startHub = () =>
      start(
        [
          'start',
          ...place.startFlags,
          '--mqtt-port',
          String(mqttPort),
          '--roles',
          'broker,ingest,fluids,rules,api',
        ],
        READY,
      )
    // In any order: a gateway waits for its devices and for its broker.
    const gateway = await start(
      ['start', '--hub', place.at('gateway.yaml'), '--data', place.at('gateway')],
      READY,
    )
    expect(gateway.match[1]).toBeUndefined()
    await start(['simulate', ...place.flags], new RegExp(`^college: 127\\.0\\.0\\.1:${modbusPort}$`, 'm'))
    let hub = await startHub()
    const get = (path: string) => ask(hub.match[1] + path)

    const times = async (): Promise<number[]> =>
      (await get(`/v1/points/${INDEX}/readings?limit=10000`)).readings.map((reading: { time: string }) =>
        Date.parse(reading.time),
      )
    await until(times, ({ length }) => length > 5)

    await hub.stop('SIGKILL')
    running.delete(hub)
    const killed = Date.now()
    hub = await startHub()
    const up = Date.now()
    const all = await until(times, found => found.at(-1)! > up + 1000)
    // A busy machine may hold up a reading or two.
    const missed = all.filter(time => time > killed && time < up)
    expect(missed.length).toBeGreaterThan(((up - killed) / 200) * 0.7)

    const consumption = await until(
      () => get('/v1/consumption?site=college&by=hour'),
      ({ meters }) => meters[0].periods.some((period: { readings: number }) => period.readings > 0),
    )
    expect(consumption.meters[0]).toMatchObject({ meter: 'college-electricite', unit: 'kW.h' })

    const [shown] = (await get('/v1/gateways')).gateways
    expect(shown).toMatchObject({ id: 'gw', online: true, registryMatches: true })
    running.delete(gateway)
    expect((await gateway.stop('SIGTERM')).code).toBe(0)
    await until(
      async () => (await get('/v1/gateways')).gateways[0],
      ({ online }) => online === false,
    )
    // It publishes when it is due: into a folder that is being removed, too.
    running.delete(hub)
    await hub.stop('SIGTERM')
    await place.remove()
  })
})
