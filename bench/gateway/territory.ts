import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GATEWAY } from '../load/territory.ts'

/**
 * Writes the registry of one gateway that reads devices of one model every second, each over a connection of its own.
 * Returns its file.
 */
export async function writeTerritory(
  folder: string,
  ports: readonly number[],
  points: number,
): Promise<string> {
  const registers = Array.from({ length: points }, (_, address) => [
    `p${address}`,
    {
      quantity: 'flow-rate',
      unit: 'm3/h',
      interval: '1s',
      modbus: { table: 'holding', address, type: 'uint16' },
    },
  ])
  const model = { name: 'Bench', source: 'Made for the benchmark.', points: Object.fromEntries(registers) }
  const connections = ports.map(port => ({
    ...{ id: `c${port}`, driver: 'modbus', host: '127.0.0.1', port },
    devices: [{ id: `d${port}`, site: 'site', model: 'bench/registers' }],
  }))
  const position = { lat: 48, lon: 3 }
  const publisher = { name: 'Bench', url: 'https://example.org', email: 'bench@example.org' }
  const territory = {
    territory: { id: 'bench', name: 'Bench', timeZone: 'Europe/Paris', publisher },
    sites: [{ id: 'site', name: 'S', kind: 'building', position, commune: '96001' }],
    gateways: [{ id: GATEWAY, name: 'Bench', connections }],
  }
  await mkdir(join(folder, 'devices', 'bench'), { recursive: true })
  // JSON is YAML.
  await writeFile(join(folder, 'devices', 'bench', 'registers.yaml'), JSON.stringify(model))
  const file = join(folder, 'territory.yaml')
  await writeFile(file, JSON.stringify(territory))
  return file
}
