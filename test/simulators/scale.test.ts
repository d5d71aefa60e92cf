import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDriver } from '../../gateway/drivers/modbus/modbus.ts'
import { registerCount } from '../../model/register-values.ts'
import { loadRegistry } from '../../registry/load.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ModbusConnection } from '../../registry/schema.ts'
import { startSimulators } from '../../simulators/simulators.ts'
import { closeLater } from '../close-later.ts'
import { Collector } from '../gateway/collector.ts'
import { log, SEED, stoppedAt } from './territory.ts'

const DEVICES = 1000
/** Ten times over, each at registers of its own. */
const POINTS = [
  { quantity: 'electricity-index', unit: 'kW.h', type: 'uint64', scale: 0.001 },
  { quantity: 'water-index', unit: 'm3', type: 'uint32', scale: 0.001 },
  { quantity: 'active-power', unit: 'kW', type: 'float32' },
  { quantity: 'apparent-power', unit: 'kV.A', type: 'float32' },
  { quantity: 'voltage', unit: 'V', type: 'float32' },
  { quantity: 'current', unit: 'A', type: 'float32' },
  { quantity: 'frequency', unit: 'Hz', type: 'float32' },
  { quantity: 'flow-rate', unit: 'm3/h', type: 'uint16', scale: 0.001 },
  { quantity: 'indoor-temperature', unit: 'Cel', type: 'int16', scale: 0.1 },
  { quantity: 'occupancy', unit: '1', type: 'bool', bit: 3 },
] as const

/** Of ten devices a building, each behind a connection of its own. */
async function loadTerritory(folder: string): Promise<Registry> {
  let address = 0
  const registers = Array.from({ length: 100 }, (_, i) => {
    const { quantity, unit, ...layout } = POINTS[i % POINTS.length]!
    const modbus = { table: 'holding', address, ...layout }
    address += registerCount(layout)
    return [`p${i}`, { quantity, unit, interval: '1s', modbus }]
  })
  await mkdir(join(folder, 'devices', 'test'), { recursive: true })
  const model = { name: 'T', source: 'Made for this test.', points: Object.fromEntries(registers) }
  await writeFile(join(folder, 'devices', 'test', 'meter.yaml'), JSON.stringify(model))
  const numbers = Array.from({ length: DEVICES }, (_, i) => i)
  const site = { kind: 'building', use: 'college', floorArea: 4000, position: { lat: 48, lon: 3 } }
  const file = join(folder, 'territory.yaml')
  await writeFile(
    file,
    JSON.stringify({
      territory: {
        ...{ id: 't', name: 'T', timeZone: 'Europe/Paris' },
        publisher: { name: 'T', url: 'https://t.example', email: 't@t.example' },
      },
      sites: numbers
        .filter(i => i % 10 === 0)
        .map(i => ({ ...site, id: `s${i}`, name: `S${i}`, commune: '96001' })),
      gateways: [
        {
          ...{ id: 'gw', name: 'G' },
          connections: numbers.map(i => ({
            ...{ id: `c${i}`, driver: 'modbus', host: '127.0.0.1', port: 0, timeout: '30s' },
            devices: [{ id: `d${i}`, site: `s${i - (i % 10)}`, model: 'test/meter' }],
          })),
        },
      ],
    }),
  )
  return loadRegistry(file)
}

it('a thousand devices with a hundred points each are played in one process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-simulators-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const registry = await loadTerritory(folder)
  // Soon after the meters were installed: there are no years to add up.
  const clock = stoppedAt(Date.UTC(2020, 2, 11, 9))
  const simulators = closeLater(await startSimulators({ registry, seed: SEED, folder, clock, log }))
  const points = Map.groupBy(registry.points.values(), ({ connection }) => connection)
  const connections = registry.gateways.get('gw')!.connections as ModbusConnection[]
  const { all, deliver } = new Collector()
  await Promise.all(
    connections.map(async connection => {
      const address = simulators.addresses.get(connection.id)!
      const driver = createDriver({ connection, address, folder, clock, log })
      const session = closeLater(await driver.connect())
      await session.read(points.get(connection.id)!, deliver)
    }),
  )
  expect(all).toHaveLength(100_000)
  expect(all.filter(({ quality }) => quality !== 'good')).toEqual([])
  // Devices are no copies of each other.
  const powers = all.filter(({ point }) => point.name === 'p2').map(({ value }) => value)
  expect(new Set(powers).size).toBeGreaterThan(DEVICES / 2)
})
