import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadRegistry } from '../../registry/load.ts'
import { measuredPoints } from '../../registry/registry.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-registry-'))
  await cp(join(import.meta.dirname, 'testdata', 'base.yaml'), join(folder, 'base.yaml'))
  await mkdir(join(folder, 'devices', 'generic'), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const opcuaGateway = (devices: string) => `
gateways:
  - id: gw
    name: A
    connections:
      - { id: c, driver: opcua, url: 'opc.tcp://127.0.0.1:4840', devices: [${devices}] }
`

test('a point knows where it is read, and {site} and {device} stand for the ids', async () => {
  const station = '{ id: meteo, site: route, model: generic/road-station-opcua }'
  await writeFile(join(folder, 'gateways.yaml'), opcuaGateway(station))
  const { points } = await loadRegistry(folder)
  expect(points.get('route/meteo/surface-temperature')).toMatchObject({
    site: 'route',
    device: 'meteo',
    gateway: 'gw',
    connection: 'c',
    label: { fr: 'Température de chaussée', en: 'Road surface temperature' },
    unit: 'Cel',
    interval: 60_000,
    source: { driver: 'opcua', opcua: { node: 'ns=1;s=route/meteo/surface-temperature' } },
  })
  expect(points.get('ecole/compteur/index')?.source).toEqual({
    driver: 'modbus',
    unit: 1,
    modbus: {
      table: 'holding',
      address: 0,
      type: 'uint32',
      wordOrder: 'big',
      byteOrder: 'big',
      scale: 1,
      offset: 0,
    },
  })
})

test("what an MQTT device says for all its points is in each, its topics placed, its zone the territory's", async () => {
  await cp(join(import.meta.dirname, 'testdata', 'mqtt-good.yaml'), join(folder, 'mqtt.yaml'))
  const { points } = await loadRegistry(folder)
  expect(points.get('ecole/plain/t')?.source).toEqual({
    driver: 'mqtt',
    format: 'json',
    address: 'plain',
    availability: 'plain/alive',
    timeZone: 'Europe/Paris',
    mqtt: {
      topic: '+/ecole/plain/#',
      value: '/a~1b/0',
      where: { '/kind': 'heat', '/port': 2 },
      scale: 1,
      offset: 0,
    },
  })
  expect(points.get('ecole/plain/v')?.source).toMatchObject({
    mqtt: { topic: '#', where: { '/kind': 'heat', '/port': 3 } },
  })
  expect(points.get('ecole/lora/t')?.source).toMatchObject({
    address: '70b3d5e75e00a1b2',
    timeZone: '+01:00',
    mqtt: { topic: undefined },
  })
})

test("the territory's own device file wins over the shipped one, and a device's own point over both", async () => {
  const point = (quantity: string, unit: string) =>
    `{ quantity: ${quantity}, unit: ${unit}, interval: 1s, opcua: { node: 'ns=1;s={site}' } }`
  await writeFile(
    join(folder, 'devices', 'generic', 'road-station-opcua.yaml'),
    `name: Ours\nsource: ours\npoints:\n  a: ${point('dew-point', 'Cel')}\n  b: ${point('dew-point', 'Cel')}\n`,
  )
  const own = `{ b: ${point('wind-speed', 'm/s')}, c: ${point('wind-speed', 'm/s')} }`
  const device = `{ id: meteo, site: route, model: generic/road-station-opcua, points: ${own} }`
  await writeFile(join(folder, 'gateways.yaml'), opcuaGateway(device))
  const station = measuredPoints(await loadRegistry(folder)).filter(({ site }) => site === 'route')
  expect(station.map(({ name, quantityName }) => `${name} ${quantityName}`)).toEqual([
    'a dew-point',
    'b wind-speed',
    'c wind-speed',
  ])
})

test('a meter counts in whole steps of its resolution', async () => {
  const meters = [1, 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000001].map((resolution, index) => ({
    resolution,
    stepsPerUnit: 10 ** index,
  }))
  for (const { resolution, stepsPerUnit } of meters) {
    const meter = `{ id: m, point: ecole/compteur/index, fluid: electricite, resolution: ${resolution} }`
    await writeFile(join(folder, 'meters.yaml'), `meters: [${meter}]\n`)
    const { meters: loaded } = await loadRegistry(folder)
    expect(loaded.get('m')).toMatchObject({
      stepsPerUnit,
      unit: 'kW.h',
      point: { id: 'ecole/compteur/index' },
    })
  }
})

test('a rule watches the points that it names, or those that fit without the exceptions', async () => {
  const rule = (id: string, select: string) =>
    `  - { id: ${id}, name: R, severity: info, condition: { type: absence, after: 1d }, select: ${select} }\n`
  await writeFile(
    join(folder, 'rules.yaml'),
    `rules:\n${[
      rule('named', '{ points: [ecole/compteur/gaz] }'),
      rule('fits', '{ quantity: electricity-index, siteKind: building, except: [ecole/compteur/index-2] }'),
    ].join('')}`,
  )
  const { rules } = await loadRegistry(folder)
  const watched = (id: string) => rules.get(id)!.points.map(point => point.id)
  expect(watched('named')).toEqual(['ecole/compteur/gaz'])
  expect(watched('fits')).toEqual(['ecole/compteur/index', 'ecole/compteur/index-mwh'])
  expect(rules.get('fits')).not.toHaveProperty('select')
})

test('a rule watches what has a tag, or whose site has it', async () => {
  const point = (tags: string) =>
    `{ quantity: dew-point, unit: Cel, interval: 1s, tags: ${tags}, opcua: { node: 'ns=1;s=x' } }`
  const station = (site: string, points: string) => `{ id: meteo, site: ${site}, points: { ${points} } }`
  const untagged = point('[]').replace(' tags: [],', '')
  const devices = [
    station('col', `a: ${untagged}, b: ${point('[spare]')}`),
    station('route', `a: ${untagged}, b: ${point('[spare, exposed]')}`),
  ]
  await writeFile(join(folder, 'gateways.yaml'), opcuaGateway(devices.join(', ')))
  const col = `{ id: col, name: Col, kind: road-station, position: { lat: 48, lon: 3 }, commune: '96001', tags: [exposed] }`
  const rule = (id: string, select: string) =>
    `  - { id: ${id}, name: R, severity: info, condition: { type: absence, after: 1d }, select: ${select} }\n`
  await writeFile(
    join(folder, 'rules.yaml'),
    `sites: [${col}]\nrules:\n${[
      rule('exposed', '{ tag: exposed }'),
      rule('spare', '{ tag: spare, except: [col/meteo/b] }'),
      rule('none', '{ quantity: dew-point, tag: exposed, siteKind: road-station }'),
    ].join('')}`,
  )
  const { rules } = await loadRegistry(folder)
  const watched = (id: string) => rules.get(id)!.points.map(point => point.id)
  expect(watched('exposed')).toEqual(['col/meteo/a', 'col/meteo/b', 'route/meteo/b'])
  expect(watched('spare')).toEqual(['route/meteo/b'])
  expect(watched('none')).toEqual(['col/meteo/a', 'col/meteo/b', 'route/meteo/b'])
})
