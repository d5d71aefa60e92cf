import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SHIPPED_DEVICES } from '../../registry/device-files.ts'
import { loadRegistry } from '../../registry/load.ts'

const DEMO = join(import.meta.dirname, '../../demo')
const registry = await loadRegistry(DEMO, { environment: {} })
const sites = [...registry.sites.values()]
const points = [...registry.points.values()]
const meters = [...registry.meters.values()]

test('the demonstration has 12 buildings, 6 road stations and 2 traffic counters', () => {
  const count = (kind: string) => sites.filter(site => site.kind === kind).length
  expect([count('building'), count('road-station'), count('traffic-counter')]).toEqual([12, 6, 2])
})

test('every building of the demonstration has electricity and water, and somewhere gas and heat', () => {
  const buildings = (fluid: string) => {
    const counted = meters.filter(meter => meter.fluid === fluid)
    return new Set(counted.flatMap(({ site, allocations }) => [site, ...allocations.map(a => a.site)]))
  }
  expect(buildings('electricite').size).toBe(12)
  expect(buildings('eau').size).toBe(12)
  expect(buildings('gaz').size).toBeGreaterThanOrEqual(5)
  expect(buildings('chaleur').size).toBeGreaterThanOrEqual(4)
})

test('what lodges children is not open data, everything else in the demonstration is', () => {
  const closed = sites.filter(site => !site.openData).map(({ id, address, rnb }) => ({ id, address, rnb }))
  expect(closed).toEqual([{ id: 'foyer-de-l-enfance', address: undefined, rnb: undefined }])
})

test('every site of the demonstration lies inside the outline', () => {
  const [ring] = registry.territory.outline
  for (const { id, position } of sites) {
    let inside = false
    for (const [index, [lon, lat]] of ring!.slice(1).entries()) {
      const [previousLon, previousLat] = ring![index]!
      if (lat > position.lat === previousLat > position.lat) continue
      const crossing = lon + ((position.lat - lat) / (previousLat - lat)) * (previousLon - lon)
      if (position.lon < crossing) inside = !inside
    }
    expect(inside, id).toBe(true)
  }
})

test('the devices of the demonstration exercise every table, type family and word order', () => {
  const sources = points.flatMap(({ source }) => (source.driver === 'modbus' ? [source.modbus] : []))
  const used = (key: 'table' | 'type' | 'wordOrder' | 'byteOrder') =>
    [...new Set(sources.map(s => s[key]))].sort()
  expect(used('table')).toEqual(['coil', 'discrete', 'holding', 'input'])
  expect(used('type')).toEqual(['bool', 'float32', 'int16', 'int32', 'uint16', 'uint32', 'uint64'])
  expect(used('wordOrder')).toEqual(['big', 'little'])
  expect(used('byteOrder')).toEqual(['big', 'little'])
  expect(sources.some(({ bit }) => bit !== undefined)).toBe(true)
  expect(sources.some(({ offset }) => offset !== 0)).toBe(true)
})

test('no two simulated devices of the demonstration listen on one port', () => {
  const ports = [...registry.gateways.values()].flatMap(({ connections }) =>
    connections.map(connection =>
      connection.driver === 'modbus' ? connection.port : Number(new URL(connection.url).port),
    ),
  )
  expect(new Set(ports).size).toBe(ports.length)
})

test('every YAML file of the demonstration names its schema, so that editors help', async () => {
  const demo = (await readdir(DEMO)).filter(name => name.endsWith('.yaml')).map(name => join(DEMO, name))
  const devices = (await readdir(SHIPPED_DEVICES, { recursive: true }))
    .filter(name => name.endsWith('.yaml'))
    .map(name => join(SHIPPED_DEVICES, name))
  for (const file of [...demo, ...devices]) {
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await readFile(file, 'utf8')) ?? []
    expect(schema, file).toBeDefined()
    expect(JSON.parse(await readFile(join(file, '..', schema!), 'utf8'))).toHaveProperty('title')
  }
})
