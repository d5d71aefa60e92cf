import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SHIPPED_DEVICES } from '../../registry/device-files.ts'
import { loadRegistry } from '../../registry/load.ts'

const models = (await readdir(SHIPPED_DEVICES, { recursive: true }))
  .filter(name => name.endsWith('.yaml'))
  .map(name => name.replace(/\.yaml$/, ''))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-devices-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A registry with one device of a model, behind a driver. */
function registryOf(model: string, driver: string): string {
  const connection = driver === 'modbus' ? { host: '127.0.0.1' } : { url: 'opc.tcp://127.0.0.1:4840' }
  const devices = [{ id: 'device', site: 'site', model }]
  const publisher = { name: 'T', url: 'https://t.example', email: 't@t.example' }
  return JSON.stringify({
    territory: { id: 't', name: 'T', timeZone: 'Europe/Paris', publisher },
    sites: [{ id: 'site', name: 'S', kind: 'building', position: { lat: 48, lon: 3 }, commune: '96001' }],
    gateways: [{ id: 'gw', name: 'G', connections: [{ id: 'c', driver, ...connection, devices }] }],
  })
}

test.each(models)('%s can be read by the driver in its name, Modbus where it has none', async model => {
  const file = join(folder, 'territory.yaml')
  await writeFile(file, registryOf(model, model.endsWith('opcua') ? 'opcua' : 'modbus'))
  const { points } = await loadRegistry(file)
  expect(points.size).toBeGreaterThan(0)
})
