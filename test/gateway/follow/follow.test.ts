import { createPublicKey } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { startBroker } from '../../../bus/broker.ts'
import { connectBus } from '../../../bus/client.ts'
import { topics } from '../../../bus/topics.ts'
import { followHub } from '../../../gateway/follow/follow.ts'
import { openIssuer } from '../../../gateway/follow/issuer.ts'
import { openLetter } from '../../../gateway/follow/letter.ts'
import { publishRegistries } from '../../../gateway/follow/publish.ts'
import { followedFolder, registryInForce } from '../../../registry/followed.ts'
import type { GatewayPart } from '../../../registry/gateway-part.ts'
import { loadRegistry } from '../../../registry/load.ts'
import { closeLater } from '../../close-later.ts'
import { Collector, log } from '../collector.ts'

const territory = (name: string, password = 'x') => `
territory:
  { id: t, name: T, timeZone: Europe/Paris, publisher: { name: T, url: "https://t.example", email: t@t.example } }
sites: [{ id: ecole, name: École, kind: building, commune: "01004", position: { lat: 46, lon: 5 } }]
gateways:
  - id: gw
    name: ${name}
    connections:
      - id: gtb
        driver: opcua
        url: opc.tcp://10.1.2.3:4840
        login: { username: hub, password: "${password}" }
        devices: [{ id: controller, site: ecole, model: generic/building-controller-opcua }]
`

const VARIABLE = '$' + '{GTB_PASSWORD}'

/** A hub and a gateway that follows it, by a broker. */
async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-follow-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { url } = closeLater(await startBroker({ host: '127.0.0.1', port: 0, log }))
  const connect = async (clientId: string) => closeLater(await connectBus({ url, clientId, log }))
  const load = async (text: string) => {
    writeFileSync(join(folder, 'territory.yaml'), text)
    return loadRegistry(join(folder, 'territory.yaml'), { environment: { GTB_PASSWORD: 'x' } })
  }
  const first = await load(territory('Nord'))
  const clock = { time: 1000 }
  const issuer = openIssuer(join(folder, 'hub'), () => clock.time)
  const number = issuer.numberOf('gw', first.gatewayParts.get('gw')!)
  const said = new Collector<string>()
  const tell = (event: string) => said.deliver([event])
  let heard = 0
  const next = () => said.next(() => true, heard++)
  const settings = { data: folder, territory: 'packed', follow: { key: issuer.publicKey, number } }
  const warnings = { write: (line: string) => tell(`warning: ${JSON.parse(line).msg}`) }
  await followHub({
    gateway: 'gw',
    inForce: { number, hash: first.gatewayParts.get('gw')!.hash },
    key: issuer.publicKey,
    folder: followedFolder(settings),
    bus: await connect('gw'),
    log: pino({ level: 'warn' }, warnings),
    onTaken: () => tell(`taken: ${registryInForce(settings).number}`),
    onRefused: reason => tell(`refused: ${reason}`),
  })
  const hub = await connect('hub')
  await new Promise<void>(resolve => hub.onConnect(resolve))
  return {
    ...{ folder, clock, first, issuer, hub, load, settings, next, number },
    async publish(text: string, at: number) {
      clock.time = at
      publishRegistries({ registry: await load(text), issuer, bus: hub, log })
    },
    send: (text: string) => hub.publish(topics.registry('gw'), text),
  }
}

it('a changed registry is taken over, beside the one that runs', async () => {
  const { publish, next, settings, number, issuer, load } = await setUp()
  expect(registryInForce(settings)).toEqual({ territory: 'packed', number })
  // Changed and changed back while nobody was there: what runs may go on.
  issuer.numberOf('gw', (await load(territory('Ouest'))).gatewayParts.get('gw')!)
  await publish(territory('Nord'), 2000)
  await publish(territory('Sud'), 3000)
  expect(await next()).toBe('taken: 3000')
  const { territory: taken } = registryInForce(settings)
  expect((await loadRegistry(taken)).gateways.get('gw')!.name).toBe('Sud')
  await publish(territory('Est'), 4000)
  expect(await next()).toBe('taken: 4000')
  expect(readdirSync(followedFolder(settings))).toEqual(['4000'])
})

it('one that cannot run here is refused with the reason, once, and the next one is taken', async () => {
  const { publish, next, settings, number } = await setUp()
  await publish(territory('Sud', VARIABLE), 3000)
  expect(await next()).toMatch(
    /^warning: the registry of the hub is not taken over: registry\/territory.yaml:\d+/,
  )
  expect(await next()).toMatch(/^refused: registry\/territory\.yaml:\d+.* GTB_PASSWORD/)
  expect(registryInForce(settings).number).toBe(number)
  await publish(territory('Sud', VARIABLE), 3000)
  await publish(territory('Sud', 'y'), 4000)
  expect(await next()).toBe('taken: 4000')
})

it('one that cannot be written is told, and taken when it comes again', async () => {
  const { publish, next, settings } = await setUp()
  writeFileSync(followedFolder(settings), 'in the way of the folder')
  await publish(territory('Sud'), 3000)
  expect(await next()).toBe('warning: the registry of the hub cannot be kept')
  expect(await next()).toMatch(/^refused: it cannot be kept: /)
  rmSync(followedFolder(settings))
  await publish(territory('Sud'), 4000)
  expect(await next()).toBe('taken: 3000')
})

it('a hub that has lost what it signs with, or whom it packed, knows that nobody hears it', async () => {
  const { folder, issuer } = await setUp()
  const key = issuer.publicKey
  const file = join(folder, 'hub', 'followers.json')
  const started = () => openIssuer(join(folder, 'hub'), () => 9000)
  expect(started().problemOf('gw', key)).toBeUndefined()
  expect(started().problemOf('gw-b', key)).toContain(
    '(the file does not name gw-b): put it back from a backup',
  )
  const kept = readFileSync(file)
  rmSync(file)
  const running = started()
  expect(running.problemOf('gw', key)).toMatch(/\(the file is not there\).* pack gw once more with --follow$/)
  openIssuer(join(folder, 'other'), () => 1).numberOf('gw', { hash: 'x' } as GatewayPart)
  writeFileSync(file, readFileSync(join(folder, 'other', 'followers.json')))
  expect(running.problemOf('gw', key)).toContain('(the file has another key)')
  // It is packed, or the file is put back, while the hub runs.
  writeFileSync(file, kept)
  expect(running.problemOf('gw', key)).toBeUndefined()
})

it('what the hub has not signed, or signed for another gateway or before, is not taken', async () => {
  const { folder, first, issuer, load, send, next, settings, clock } = await setUp()
  const part = (await load(territory('Sud'))).gatewayParts.get('gw')!
  const stranger = openIssuer(join(folder, 'stranger'), () => 9000)
  await send(stranger.letterFor('gw', part))
  expect(await next()).toBe('warning: a registry is refused: its signature is not by the key of the hub')
  await send('nonsense')
  expect(await next()).toMatch(/^warning: a registry is refused: /)
  clock.time = 3000
  const letter = issuer.letterFor('gw', part)
  await send(letter.replace('Sud', 'Est'))
  expect(await next()).toBe('warning: a registry is refused: its signature is not by the key of the hub')
  await send(issuer.letterFor('gw-other', part))
  expect(await next()).toBe('warning: a registry is refused: it is for gw-other')
  await send(letter)
  expect(await next()).toBe('taken: 3000')
  // Back to the first registry: a new number, which an old letter does not have.
  clock.time = 2000
  const back = openLetter(Buffer.from(issuer.letterFor('gw', first.gatewayParts.get('gw')!)), keyOf(issuer))
  expect(back.number).toBe(3001)
  expect(existsSync(join(followedFolder(settings), '3000'))).toBe(true)
})

it('a file with a path out of the folder is none', async () => {
  const { load, issuer, send, next } = await setUp()
  const part = (await load(territory('Sud'))).gatewayParts.get('gw')!
  await send(issuer.letterFor('gw', { ...part, devices: { '../../x': {} } }))
  expect(await next()).toMatch(/^warning: a registry is refused: /)
})

it('the key of the hub is kept, for the owner alone, and tells what changed', async () => {
  const { folder, issuer, first } = await setUp()
  const file = join(folder, 'hub', 'followers.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const again = openIssuer(join(folder, 'hub'), () => 5000)
  expect(again.publicKey).toBe(issuer.publicKey)
  expect(again.followers()).toEqual(['gw'])
  expect(again.numberOf('gw', first.gatewayParts.get('gw')!)).toBe(1000)
  expect(readFileSync(file, 'utf8')).not.toContain(issuer.publicKey)
})

function keyOf({ publicKey }: { publicKey: string }) {
  return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
}
