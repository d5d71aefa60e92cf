import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDriver } from '../../../gateway/drivers/modbus/modbus.ts'
import { toReading } from '../../../gateway/to-reading.ts'
import { loadRegistry } from '../../../registry/load.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { startSimulators } from '../../../simulators/simulators.ts'
import { closeLater } from '../../close-later.ts'
import { Collector, clock, log } from '../collector.ts'
import { shippedDevices } from './shipped.ts'

it('every Modbus device of the library is simulated, and read without a fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-devices-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const devices = (await shippedDevices())
    .filter(({ file }) => Object.values(file.points).some(({ modbus }) => modbus))
    .map(({ model }, i) => ({ id: model.replace('/', '-'), site: 'site', model, unit: i + 1 }))
  expect(devices.length).toBeGreaterThan(30)
  const publisher = { name: 'T', url: 'https://t.example', email: 't@t.example' }
  const file = join(folder, 'territory.yaml')
  const connection = { id: 'c', driver: 'modbus', host: '127.0.0.1', port: 0, devices }
  await writeFile(
    file,
    JSON.stringify({
      territory: { id: 't', name: 'T', timeZone: 'Europe/Paris', publisher },
      sites: [
        {
          ...{ id: 'site', name: 'S', kind: 'building', use: 'college', floorArea: 2000, commune: '96001' },
          position: { lat: 48, lon: 3 },
        },
      ],
      gateways: [{ id: 'gw', name: 'G', connections: [connection] }],
    }),
  )
  const registry = await loadRegistry(file)
  const simulators = closeLater(await startSimulators({ registry, clock, seed: 7, log, folder }))
  const driver = createDriver({
    connection: registry.gateways.get('gw')!.connections[0] as ModbusConnection,
    address: simulators.addresses.get('c')!,
    ...{ folder, clock, log },
  })
  const session = closeLater(await driver.connect())
  const { all, deliver } = new Collector()
  await session.read([...registry.points.values()], deliver)
  expect(all).toHaveLength(registry.points.size)
  const readings = all.map(sample => toReading(sample, clock.now()))
  expect(readings.filter(({ quality }) => quality !== 'good')).toEqual([])
})
