import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDriver } from '../../../gateway/drivers/modbus/modbus.ts'
import { toReading } from '../../../gateway/to-reading.ts'
import { measuredPoints } from '../../../registry/registry.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { startSimulators } from '../../../simulators/simulators.ts'
import { closeLater } from '../../close-later.ts'
import { Collector, clock, log } from '../collector.ts'
import { loadLibrary } from './library.ts'

it('every Modbus device of the library is simulated, and read without a fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-devices-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const registry = await loadLibrary()
  const connection = registry.gateways.get('gw')!.connections[0] as ModbusConnection
  expect(connection.devices.length).toBeGreaterThan(30)
  const simulators = closeLater(await startSimulators({ registry, clock, seed: 7, log, folder }))
  const driver = createDriver({
    connection,
    address: simulators.addresses.get('c')!,
    ...{ folder, clock, log },
  })
  const session = closeLater(await driver.connect())
  const { all, deliver } = new Collector()
  await session.read(measuredPoints(registry), deliver)
  expect(all).toHaveLength(measuredPoints(registry).length)
  const readings = all.map(sample => toReading(sample, clock.now()))
  expect(readings.filter(({ quality }) => quality !== 'good')).toEqual([])
})
