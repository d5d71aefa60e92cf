import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { loadHub } from '../../registry/hub.ts'
import { openLiveRegistry } from '../../registry/live.ts'
import { startHub } from '../../start.ts'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { startAsyncua, startPymodbus } from '../peers/python.ts'
import { ask } from './ask.ts'
import { publishNow } from './publish.ts'
import { startTestClock } from './test-clock.ts'
import { until } from './until.ts'

const WATER = 'ns=2;s=Water'
const ready = findPeer('python') && findPeer('mosquitto') && findPeer('influxdb')

const territory = (modbusPort: number, opcuaUrl: string) => `
territory:
  id: test
  name: Département d'essai
  timeZone: Europe/Paris
  publisher: { name: Essai, url: https://example.org, email: data@example.org }
sites:
  - { id: college, name: "Collège, dit « Le Test »", kind: building, position: { lat: 48.1, lon: 2.9 }, commune: "96001", rnb: ABCDEFGH1234, openData: true }
gateways:
  - id: gw
    name: Passerelle
    connections:
      - id: modbus
        driver: modbus
        host: 127.0.0.1
        port: ${modbusPort}
        devices:
          - id: electricity
            site: college
            unit: 1
            points: { index: { quantity: electricity-index, unit: kW.h, interval: 1s, modbus: { table: holding, address: 100, type: uint32, scale: 0.001 } } }
          - id: gas
            site: college
            unit: 2
            points: { index: { quantity: gas-index, unit: m3, interval: 1s, modbus: { table: input, address: 7, type: uint64, wordOrder: little, scale: 0.01 } } }
      - id: opcua
        driver: opcua
        url: ${opcuaUrl}
        securityMode: None
        securityPolicy: None
        devices:
          - id: water
            site: college
            points: { index: { quantity: water-index, unit: m3, interval: 1s, opcua: { node: "${WATER}" } } }
meters:
  - { id: electricity, point: college/electricity/index, fluid: electricite, resolution: 0.001 }
  - { id: gas, point: college/gas/index, fluid: gaz, resolution: 0.01 }
  - { id: water, point: college/water/index, fluid: eau, resolution: 0.001 }
`

/** What the three meters show. */
interface Indexes {
  electricity: number
  gas: number
  water: number
}

describe.runIf(ready)('pymodbus and asyncua through Mosquitto and InfluxDB', () => {
  it('the numbers that went in come out of the CSV, to the last digit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'affluent-e2e-'))
    const [modbus, opcua, broker, influxdb] = await Promise.all([
      startPymodbus({ 1: { holding: { 100: [0, 0] } }, 2: { input: { 7: [0, 0, 0, 0] } } }),
      startAsyncua({ [WATER]: { value: 0, time: '2026-01-01T00:00:00Z' } }),
      startMosquitto(),
      startInfluxdb(),
    ])
    const clock = startTestClock('2025-12-31T22:58:00Z')
    const show = async ({ electricity, gas, water }: Indexes) => {
      const steps = Math.round(electricity * 1000)
      const hundredths = BigInt(Math.round(gas * 100))
      const words = [0n, 16n, 32n, 48n].map(shift => Number((hundredths >> shift) & 0xffffn))
      await modbus.set(1, 'holding', 100, [steps >>> 16, steps & 0xffff])
      await modbus.set(2, 'input', 7, words)
      await opcua.set(WATER, { value: water, time: new Date(clock.now()).toISOString() })
    }
    // The month begins at 23:00 UTC the day before, and all is as it was for a while when it and the next one begin.
    const first = { electricity: 100_000.001, gas: 1_000_000_000.01, water: 12_345.678 }
    await show(first)

    const file = join(folder, 'territory.yaml')
    await writeFile(file, territory(modbus.port, opcua.url))
    const { settings, registry, files } = await loadHub({
      overrides: {
        territory: file,
        data: join(folder, 'data'),
        roles: ['gateway', 'ingest', 'fluids', 'rules', 'api'],
        http: { port: 0 },
        mqtt: { url: broker.url },
        store: {
          kind: 'influxdb',
          url: influxdb.url,
          org: influxdb.org,
          bucket: influxdb.bucket,
          token: influxdb.token,
        },
      },
    })
    const log = pino({ level: 'silent' })
    const { signal } = new AbortController()
    const hub = await startHub({
      settings,
      registry,
      registryFiles: openLiveRegistry({ registry, ...files, clock, log }),
      version: 'test',
      clock,
      log,
      progress() {},
      restart() {},
      signal,
    })

    const get = async (path: string) => await (await fetch(hub.url + path)).text()
    const stored = async (indexes: Indexes, since: string) => {
      await until(
        async () => JSON.parse(await get('/v1/points/latest?site=college')).points as LatestPoint[],
        points =>
          points.every(({ point, reading }) => {
            // What the hub works out is read from no device.
            if (point.startsWith('college/hub/')) return true
            const meter = point.split('/')[1] as keyof Indexes
            return reading?.value === indexes[meter] && reading.time >= since
          }),
      )
    }
    await stored(first, '2025-12-31T22:58:00')
    clock.set('2025-12-31T23:00:00Z')
    await show(first)
    await stored(first, '2025-12-31T23:00:00')

    clock.set('2026-01-31T22:59:00Z')
    const later = { electricity: 123_456.789, gas: 1_000_000_123.45, water: 12_399.999 }
    await show(later)
    await stored(later, '2026-01-31T22:59:00')

    clock.set('2026-01-31T23:00:10Z')
    await show(later)
    await stored(later, '2026-01-31T23:00:10')

    // Consumption is computed about a second after the readings are stored, meter by meter.
    const january = `${hub.url}/v1/sites/college/consumption?by=month&from=2026-01-01&to=2026-02-01`
    await until(
      async () =>
        (await ask(january)).fluids.map(
          ({ periods }: { periods: { amount: number }[] }) => periods[0]!.amount,
        ),
      amounts => amounts.sort().join() === [54.321, 23_456.788, 123.44].sort().join(),
    )
    await publishNow(settings.data)
    const csv = await get('/open-data/fluides.csv')
    const named = 'college,ABCDEFGH1234,"Collège, dit « Le Test »",96001'
    const expected = [
      `${named},eau,2026-01-01,2026-02-01,54.321,m3`,
      `${named},electricite,2026-01-01,2026-02-01,23456.788,kWh`,
      `${named},gaz,2026-01-01,2026-02-01,123.44,m3`,
    ]
    for (const row of expected) expect(csv).toContain(`\n${row},0.`)
    const [header, ...rows] = csv.trimEnd().split(/\r?\n/)
    expect(header).toBe(
      'id_batiment,id_rnb,nom_batiment,code_commune,fluide,debut,fin,consommation,unite,couverture,part_estimee,qualite,revision,consommation_corrigee_climat',
    )
    expect(rows.filter(row => row.includes(',2026-01-01,2026-02-01,'))).toHaveLength(expected.length)

    await hub.close()
    await Promise.all([modbus.close(), opcua.close(), broker.close(), influxdb.close()])
    await rm(folder, { recursive: true, force: true })
  })
})

interface LatestPoint {
  point: string
  reading: { time: string; value: number } | null
}
