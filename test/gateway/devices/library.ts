import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadRegistry } from '../../../registry/load.ts'
import type { Registry } from '../../../registry/registry.ts'
import { shippedDevices } from './shipped.ts'

/** The registry of a collège that has one of every Modbus device of the library, on connection `c` of gateway `gw`. */
export async function loadLibrary(): Promise<Registry> {
  const devices = (await shippedDevices())
    .filter(({ file }) => Object.values(file.points).some(({ modbus }) => modbus))
    .map(({ model }, i) => ({ id: model.replace('/', '-'), site: 'site', model, unit: i + 1 }))
  const publisher = { name: 'T', url: 'https://t.example', email: 't@t.example' }
  const folder = await mkdtemp(join(tmpdir(), 'affluent-devices-'))
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
  try {
    return await loadRegistry(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}
