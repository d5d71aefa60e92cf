import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadRegistry } from '../../registry/load.ts'
import { measuredPoints } from '../../registry/registry.ts'
import type { Json } from '../api/hub.ts'
import { freePort } from '../peers/process.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-pack-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
type SmallPlace = Awaited<ReturnType<typeof makeSmallTerritory>>

const at = (...names: string[]) => join(folder, ...names)

const REGISTRY = `territory:
  id: essai
  name: Essai
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
  - { id: ecole, name: École, kind: building, commune: "96204", position: { lat: 48.3, lon: 3 } }
  - { id: mairie, name: Mairie, kind: building, commune: "96204", position: { lat: 48.3, lon: 3 } }
gateways:
  - id: gw-a
    name: A
    connections:
      - id: gtb
        driver: opcua
        url: opc.tcp://10.1.2.3:4840
        login: { username: hub, password: "\${GTB_PASSWORD}" }
        devices: [{ id: controller, site: ecole, model: generic/building-controller-opcua }]
  - id: gw-b
    name: B
    connections:
      - id: broker
        driver: mqtt
        url: mqtts://broker.example:8883
        tls: { ca: tls-of-b.pem }
        devices:
          - { id: w, site: mairie, format: json, topic: a/b, points: { x: { quantity: water-index, unit: m3, interval: 1h, mqtt: {} } } }
channels:
  - { id: web, type: webhook, url: "\${HOOK}" }
`
const HUB = `territory: territory.yaml
mqtt: { url: "mqtts://hub.example:8883", username: gw, password: "\${MQTT_PASSWORD}", tls: { ca: ca.pem } }
store: { kind: embedded }
`
const SECRETS = { GTB_PASSWORD: 's3cret', HOOK: 'https://hook.example', MQTT_PASSWORD: 'br0ker' }

describe('affluent pack', () => {
  beforeEach(async () => {
    await writeFile(at('territory.yaml'), REGISTRY)
    await writeFile(at('hub.yaml'), HUB)
    await writeFile(at('ca.pem'), 'of the broker')
  })
  const pack = (...args: string[]) =>
    runAffluent(['pack', ...args, '--hub', at('hub.yaml')], { cwd: folder, env: SECRETS })

  it('writes what one gateway needs, which is the same registry to the hub, without any secret', async () => {
    const { code, out, err } = await pack('gw-a')
    expect(code, err).toBe(0)
    expect(out).toContain('- gateway.env names MQTT_PASSWORD, GTB_PASSWORD: fill in the values\n')
    expect(await readFile(at('gw-a', 'gateway.env'), 'utf8')).toBe('MQTT_PASSWORD=\nGTB_PASSWORD=\n')
    expect(await readFile(at('gw-a', 'tls', 'ca.pem'), 'utf8')).toBe('of the broker')
    const territory = await readFile(at('gw-a', 'territory', 'territory.yaml'), 'utf8')
    expect(territory).not.toMatch(/mairie|gw-b|HOOK|s3cret/)

    const whole = await loadRegistry(at('territory.yaml'), { environment: SECRETS })
    const part = await loadRegistry(at('gw-a', 'territory'), { environment: SECRETS })
    expect(part.gatewayParts.get('gw-a')!.hash).toBe(whole.gatewayParts.get('gw-a')!.hash)
    expect(measuredPoints(part)).toEqual(measuredPoints(whole).filter(({ gateway }) => gateway === 'gw-a'))
    const checked = await runAffluent(['check', '--hub', at('gw-a', 'hub.yaml')], { env: SECRETS })
    expect(checked, checked.err).toMatchObject({ code: 0 })
  })

  it('writes secrets only when it is told to, for the owner alone', async () => {
    await pack('gw-a', '--with-secrets', '--out', at('secret'))
    expect(await readFile(at('secret', 'gateway.env'), 'utf8')).toBe(
      'MQTT_PASSWORD=br0ker\nGTB_PASSWORD=s3cret\n',
    )
    expect((await stat(at('secret', 'gateway.env'))).mode & 0o777).toBe(0o600)
  })

  it('keeps what was filled in when it packs again, and asks only for the rest', async () => {
    await pack('gw-a')
    await writeFile(at('gw-a', 'gateway.env'), 'MQTT_PASSWORD_FILE=/run/of=me\r\nGTB_PASSWORD=\r\nGONE=1\r\n')
    expect((await pack('gw-a')).out).toContain('- gateway.env names GTB_PASSWORD: fill in the values\n')
    expect(await readFile(at('gw-a', 'gateway.env'), 'utf8')).toBe(
      'MQTT_PASSWORD_FILE=/run/of=me\nGTB_PASSWORD=\n',
    )
    await pack('gw-a', '--with-secrets')
    expect(await readFile(at('gw-a', 'gateway.env'), 'utf8')).toBe(
      'MQTT_PASSWORD=br0ker\nGTB_PASSWORD=s3cret\n',
    )
  })

  it('a change elsewhere in the registry leaves the part as it was', async () => {
    const before = await loadRegistry(at('territory.yaml'), { environment: SECRETS })
    await writeFile(at('territory.yaml'), REGISTRY.replace('name: Mairie', 'name: Hôtel de ville'))
    const after = await loadRegistry(at('territory.yaml'), { environment: SECRETS })
    expect(after.hash).not.toBe(before.hash)
    const hashes = ({ gatewayParts }: typeof before) => [...gatewayParts.values()].map(({ hash }) => hash)
    expect(hashes(after)[0]).toBe(hashes(before)[0])
    expect(hashes(after)[1]).not.toBe(hashes(before)[1])
  })

  it('copies the files of a connection, and says which must be brought along', async () => {
    await writeFile(at('tls-of-b.pem'), 'of b')
    expect((await pack('gw-b')).err).toBe('')
    expect(await readFile(at('gw-b', 'tls-of-b.pem'), 'utf8')).toBe('of b')
    await writeFile(at('territory.yaml'), REGISTRY.replace('tls-of-b.pem', '/etc/b.pem'))
    expect((await pack('gw-b')).out).toContain("- /etc/b.pem must be there on the gateway's machine\n")
  })

  it('refuses an unknown gateway, and a hub whose broker nobody else reaches', async () => {
    expect(await pack('gw-c')).toMatchObject({
      code: 2,
      err: 'there is no gateway gw-c: there are gw-a, gw-b\n',
    })
    await writeFile(at('hub.yaml'), 'territory: territory.yaml\n')
    expect((await pack('gw-a')).err).toContain(
      'name with --broker the address by which the gateway reaches it',
    )
    expect(await pack('gw-a', '--broker', 'mqtt://10.0.0.1:1883')).toMatchObject({ code: 0 })
  })
})

describe('a changed registry on a gateway', () => {
  it('costs nothing of what waits in its outbox, and is the hub’s again', async () => {
    const [modbusPort, mqttPort] = [await freePort(), await freePort()]
    const place = await makeSmallTerritory({ modbusPort })
    const broker = ['--broker', `mqtt://127.0.0.1:${mqttPort}`, '--out', at('gw')]
    const pack = () => runAffluent(['pack', 'gw', '--hub', place.at('hub.yaml'), ...broker])
    const start = () => startAffluent(['start', '--hub', at('gw', 'hub.yaml')], READY)
    await startAffluent(
      ['simulate', ...place.flags],
      new RegExp(`^college: 127\\.0\\.0\\.1:${modbusPort}$`, 'm'),
    )
    expect((await pack()).err).toBe('')

    // There is no broker yet: what is read waits.
    let gateway = await start()
    const journalled = async () => (await stat(at('gw', 'data', 'gateways', 'gw'))).mtimeMs > 0
    await until(journalled, Boolean)
    const first = Date.now()
    await copyFile(place.at('territory.yaml'), at('before.yaml'))
    const text = await readFile(place.at('territory.yaml'), 'utf8')
    await writeFile(place.at('territory.yaml'), text.replace('name: Passerelle', 'name: Passerelle nord'))
    await until(
      async () => Date.now(),
      now => now > first + 2000,
    )
    expect((await pack()).err).toBe('')
    await gateway.stop('SIGTERM')
    const changed = Date.now()
    gateway = await start()

    const roles = ['--roles', 'broker,ingest,fluids,rules,api', '--mqtt-port', String(mqttPort)]
    const hub = await startAffluent(['start', ...place.startFlags, ...roles], READY)
    const get = (path: string) => ask(hub.match[1] + path)
    const { readings } = await until(
      () => get(`/v1/points/${INDEX}/readings?limit=10000`),
      ({ readings }) => readings.some(({ time }: { time: string }) => Date.parse(time) > changed),
    )
    const before = readings.filter(({ time }: { time: string }) => Date.parse(time) < changed - 500)
    expect(before.length).toBeGreaterThan(3)
    const { gateways } = await until(
      () => get('/v1/gateways'),
      ({ gateways }) => gateways[0].online,
    )
    expect(gateways[0]).toMatchObject({ name: 'Passerelle nord', registryMatches: true })
    const { streams } = await get('/v1/completeness?by=day')
    expect(streams.map(({ missing }: { missing: number }) => missing)).toEqual([0, 0])
    for (const process of [gateway, hub]) await process.stop('SIGTERM')
    await place.remove()
  })

  /** The devices of a territory, and a packed gateway of another that follows the registry of its hub, which is not there yet. */
  async function startFollowing(
    place: SmallPlace,
    devices: SmallPlace,
    modbusPort: number,
    mqttPort: number,
  ) {
    await startAffluent(
      ['simulate', ...devices.flags],
      new RegExp(`^college: 127\\.0\\.0\\.1:${modbusPort}$`, 'm'),
    )
    const broker = ['--broker', `mqtt://127.0.0.1:${mqttPort}`, '--out', at('gw')]
    expect((await runAffluent(['pack', 'gw', ...place.flags, ...broker, '--follow'])).err).toBe('')
    const gateway = await startAffluent(['start', '--hub', at('gw', 'hub.yaml')], READY)
    const roles = ['--roles', 'broker,ingest,fluids,rules,api', '--mqtt-port', String(mqttPort)]
    const startHub = (env?: Record<string, string>) =>
      startAffluent(['start', ...place.startFlags, ...roles], READY, { env })
    return { gateway, startHub }
  }

  it('reaches a running gateway that follows, without a visit and without loss', async () => {
    const [modbusPort, mqttPort] = [await freePort(), await freePort()]
    const place = await makeSmallTerritory({ modbusPort })
    const { gateway, startHub } = await startFollowing(place, place, modbusPort, mqttPort)
    let hub = await startHub()
    const get = (path: string) => ask(hub.match[1] + path)
    const readings = async () => (await get(`/v1/points/${INDEX}/readings?limit=10000`)).readings
    await until(readings, ({ length }) => length > 0)
    await hub.stop('SIGTERM')

    const text = await readFile(place.at('territory.yaml'), 'utf8')
    const change = (from: string, to: string) => writeFile(place.at('territory.yaml'), text.replace(from, to))
    await change('name: Passerelle', 'name: Passerelle nord')
    hub = await startHub()
    const shown = () => get('/v1/gateways').then(({ gateways }) => gateways[0])
    await until(shown, ({ online, registryMatches }) => online && registryMatches)
    expect(gateway.out().match(/Affluent is ready/g)).toHaveLength(2)
    const since = (await readings()).length
    await until(readings, ({ length }) => length > since)
    const { streams } = await get('/v1/completeness?by=day')
    expect(streams.map(({ missing }: { missing: number }) => missing)).toEqual([0, 0])
    await hub.stop('SIGTERM')

    // What it cannot run, it does not, and says why.
    await change('host: 127.0.0.1', `host: "\${NOT_THERE}"`)
    hub = await startHub({ NOT_THERE: '127.0.0.1' })
    const { registryProblem } = await until(shown, gateway => gateway.registryProblem !== null)
    expect(registryProblem).toContain('NOT_THERE')
    expect(await shown()).toMatchObject({ online: true, registryMatches: false })
    for (const process of [gateway, hub]) await process.stop('SIGTERM')
    await place.remove()
  })

  it('that adds a device and takes one away loses nothing of what waits in a running gateway', async () => {
    const [modbusPort, mqttPort] = [await freePort(), await freePort()]
    const often = { indexInterval: '50ms', measureInterval: '50ms' }
    const place = await makeSmallTerritory({ modbusPort, ...often })
    const text = await readFile(place.at('territory.yaml'), 'utf8')
    const [added] = /^ {10}- id: ambiance\n(?: {12}.*\n)+/m.exec(text)!
    const cellar = added.replace('id: ambiance', 'id: cave').replace('unit: 2', 'unit: 3')
    // The devices of both registries are there all the time.
    const all = await makeSmallTerritory({ modbusPort })
    await writeFile(all.at('territory.yaml'), text.replace(added, added + cellar))
    const { gateway, startHub } = await startFollowing(place, all, modbusPort, mqttPort)
    let hub = await startHub()
    const get = (path: string) => ask(hub.match[1] + path)
    const times = async (point: string): Promise<number[]> =>
      (await get(`/v1/points/${point}/readings?limit=10000`)).readings.map(({ time }: { time: string }) =>
        Date.parse(time),
      )
    await until(
      () => times(TEMPERATURE),
      ({ length }) => length > 5,
    )
    await hub.stop('SIGTERM')
    const off = Date.now()
    await until(
      async () => Date.now(),
      now => now > off + 3000,
    )
    await writeFile(place.at('territory.yaml'), text.replace(added, cellar))
    hub = await startHub()
    const on = Date.now()
    const shown = () => get('/v1/gateways').then(({ gateways }) => gateways[0])
    await until(shown, ({ online, registryMatches }) => online && registryMatches)
    await until(
      () => times('college/cave/temperature'),
      ({ length }) => length > 5,
    )
    // Of the meter, all that waited is stored.
    const indexes = await until(
      () => times(INDEX),
      all => all.at(-1)! > on,
    )
    const waited = indexes.filter(time => time > off && time < off + 3000)
    expect(waited.length).toBeGreaterThan(20)
    // What waited of the device that is gone is stored, too: both are read equally often.
    const { streams } = await get('/v1/completeness?by=day')
    const none = { 'outbox-full': 0, corrupt: 0 }
    const [ofIndexes, ofMeasures] = streams.map(
      ({ missing, periods }: { missing: number; periods: Json[] }) => {
        expect([missing, ...periods.map(({ quarantined, dropped }) => [quarantined, dropped])]).toEqual([
          0,
          ...periods.map(() => [0, none]),
        ])
        return periods.reduce((sum, { received }) => sum + received, 0)
      },
    )
    expect(ofMeasures).toBeGreaterThan(ofIndexes - 25)
    for (const process of [gateway, hub]) await process.stop('SIGTERM')
    for (const { remove } of [place, all]) await remove()
  })
})
