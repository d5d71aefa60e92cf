import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDriver } from '../../../../gateway/drivers/http/http.ts'
import { loadRegistry } from '../../../../registry/load.ts'
import { measuredPoints } from '../../../../registry/registry.ts'
import type { HttpConnection } from '../../../../registry/schema.ts'
import { loadRecordings } from '../../../../simulators/recordings.ts'
import { createSignals } from '../../../../simulators/signals/signals.ts'
import { startSimulators } from '../../../../simulators/simulators.ts'
import { closeLater } from '../../../close-later.ts'
import { until } from '../../../e2e/until.ts'
import { Collector, log } from '../../collector.ts'

/** A station of two documents, one of which tells times, on a Wednesday in winter. */
const TERRITORY = `
territory:
  { id: t, name: T, timeZone: Europe/Paris, publisher: { name: T, url: "https://t.example", email: t@t.example } }
sites:
  - { id: col, name: Col, kind: road-station, commune: "01004", position: { lat: 46, lon: 5 } }
gateways:
  - id: gw
    name: G
    connections:
      - id: http
        driver: http
        url: http://127.0.0.1:0/api
        devices:
          - id: meteo
            site: col
            path: /meteo.json
            points:
              air:
                { quantity: air-temperature, unit: Cel, interval: 1min, http: { value: /now/t~1air, scale: 0.1, time: /at } }
              road:
                { quantity: surface-temperature, unit: Cel, interval: 1min, http: { value: /now/road, time: /at } }
          - id: camera
            site: col
            path: "?id=7"
            points:
              fault: { quantity: fault, unit: "1", interval: 1min, http: { value: /fault } }
`
const NIGHT = Date.UTC(2026, 2, 11, 2)
const HOUR = 3_600_000
const SEED = 7

async function play(scenarios: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-http-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [file, timetable] = [join(folder, 'territory.yaml'), join(folder, 'scenarios.yaml')]
  await writeFile(file, TERRITORY)
  await writeFile(timetable, JSON.stringify(scenarios))
  const registry = await loadRegistry(file)
  const clock = { time: NIGHT + 20_000, now: () => clock.time, elapsed: () => clock.time }
  const simulators = await startSimulators({ registry, seed: SEED, scenarios: timetable, folder, clock, log })
  closeLater(simulators)
  const connection = registry.gateways.get('gw')!.connections[0] as HttpConnection
  const driver = createDriver({ connection, address: simulators.addresses.get('http')!, folder, clock, log })
  const session = closeLater(await driver.connect())
  const { host, port } = simulators.addresses.get('http')!
  const fetchPage = () =>
    fetch(`http://${host}:${port}/api/meteo.json`).then(
      ({ status }) => status,
      ({ cause }) => cause.code,
    )
  const read = async (time: number) => {
    clock.time = time
    const samples = new Collector()
    await session.read(measuredPoints(registry), samples.deliver)
    return Object.fromEntries(samples.all.map(sample => [sample.point.name, sample]))
  }
  return {
    clock,
    fetchPage,
    read,
    signals: createSignals({ registry, seed: SEED, recordings: await loadRecordings() }),
  }
}

it('a station is simulated: its documents have its values, and its times', async () => {
  const { read, signals } = await play([])
  const { air, road, fault } = await read(NIGHT + 20_000)
  const shown = (point: string) => signals.get(`col/${point}`)!(NIGHT)
  expect(air).toMatchObject({ value: shown('meteo/air'), quality: 'good', time: NIGHT })
  expect(road).toMatchObject({ value: shown('meteo/road'), quality: 'good', time: NIGHT })
  expect(fault).toMatchObject({ value: shown('camera/fault'), quality: 'good' })
  expect(fault!.time).toBeUndefined()
})

it('scenarios concern what it says, and when', async () => {
  const hour = (scenario: string, on: string, at: number, more = {}) => ({
    ...{ scenario, on, at: new Date(at).toISOString(), for: '1h', ...more },
  })
  const { read } = await play([
    hour('clock-wrong', 'col/meteo', NIGHT, { by: '3h' }),
    hour('illegal-register', 'col/meteo/air', NIGHT + HOUR),
    hour('communication-cut', 'col/meteo', NIGHT + 2 * HOUR),
  ])
  const time = (hours: number) => NIGHT + hours * HOUR + 60_000
  expect(await read(time(0))).toMatchObject({ air: { quality: 'good', time: time(0) + 3 * HOUR } })
  expect(await read(time(1))).toMatchObject({ air: { quality: 'bad:undecodable' } })
  expect(await read(time(2))).toMatchObject({
    air: { quality: 'bad:exception' },
    road: { quality: 'bad:exception' },
    fault: { quality: 'good' },
  })
  expect(await read(time(3))).toMatchObject({ air: { quality: 'good' }, road: { quality: 'good' } })
})

it('nobody listens, and then somebody does again', async () => {
  const refused = { scenario: 'connection-refused', on: 'http', at: new Date(NIGHT).toISOString(), for: '1h' }
  const { clock, fetchPage } = await play([refused])
  await until(fetchPage, answer => answer === 'ECONNREFUSED')
  clock.time = NIGHT + HOUR
  await until(fetchPage, answer => answer === 200)
})
