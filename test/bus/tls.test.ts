import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { type BusOptions, connectBus } from '../../bus/client.ts'
import type { Bus } from '../../bus/contract.ts'
import { filters, topics } from '../../bus/topics.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { createAuthority } from '../peers/certificates.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { silentLog, temporaryFolder } from './fixtures.ts'

const hasPeers = findPeer('mosquitto') && findPeer('openssl')

/** A Mosquitto that wants a certificate of its authority, a password, and lets a gateway write its own topics only. */
async function startGuardedBroker() {
  const folder = temporaryFolder()
  const authority = createAuthority(folder, 'authority')
  const server = authority.issue('broker', ['IP:127.0.0.1', 'DNS:broker.example'])
  const [passwords, rights] = [join(folder, 'passwords'), join(folder, 'rights')]
  writeFileSync(passwords, '')
  for (const user of ['hub', 'gw']) spawnSync('mosquitto_passwd', ['-b', passwords, user, `${user}-s3cret`])
  writeFileSync(
    rights,
    'user hub\ntopic readwrite affluent/v1/#\n' +
      'user gw\ntopic write affluent/v1/gw/readings\ntopic readwrite affluent/v1/gw/status\n' +
      'topic read affluent/v1/gw/ack\ntopic read affluent/v1/ingest/hello\n',
  )
  for (const file of [passwords, rights]) chmodSync(file, 0o644)
  const broker = await startMosquitto(
    [
      `cafile ${authority.certificate}`,
      `certfile ${server.certificate}`,
      `keyfile ${server.key}`,
      'require_certificate true',
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${rights}`,
    ].join('\n'),
  )
  onTestFinished(() => broker.close())
  return { authority, broker, url: `mqtts://127.0.0.1:${broker.port}` }
}

async function connect(options: Omit<BusOptions, 'log'>) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const bus = await connectBus({ ...options, log })
  onTestFinished(() => bus.close())
  return { bus, lines }
}

function connected(bus: Bus): Promise<void> {
  return new Promise(resolve => void bus.onConnect(resolve))
}

it.runIf(hasPeers)('a broker that asks for a certificate and a password is reached over TLS', async () => {
  const { authority, url } = await startGuardedBroker()
  const tls = { ca: authority.certificate, ...authority.issue('client') }
  const hub = await connect({ url, tls, clientId: 'hub', username: 'hub', password: 'hub-s3cret' })
  const gateway = await connect({ url, tls, clientId: 'gw', username: 'gw', password: 'gw-s3cret' })
  await Promise.all([connected(hub.bus), connected(gateway.bus)])

  const heard: string[] = []
  await hub.bus.subscribe(filters.allReadings, (topic, payload) => heard.push(`${topic} ${payload}`))
  // The rights of the broker decide: what a gateway says in the place of another reaches nobody, and cuts it off.
  await gateway.bus.publish(topics.readings('other'), 'forged').catch(() => {})
  await until(
    () => gateway.bus.publish(topics.readings('gw'), 'own').catch(() => {}),
    () => heard.length > 0,
  )
  expect(new Set(heard)).toEqual(new Set(['affluent/v1/gw/readings own']))
})

it.runIf(hasPeers)('a broker whose certificate is not the expected one is not spoken to', async () => {
  const { authority, url } = await startGuardedBroker()
  const folder = temporaryFolder()
  const client = authority.issue('client')
  const identity = { url, username: 'hub', password: 'hub-s3cret' }
  const known = { ca: authority.certificate, ...client }
  const stranger = createAuthority(folder, 'stranger').certificate

  const refusal = async (name: string, tls: BusOptions['tls']) => {
    const { bus, lines } = await connect({ ...identity, clientId: name, tls })
    const [line] = await until(
      () => lines,
      ({ length }) => length > 0,
    )
    expect(bus.connected).toBe(false)
    expect(JSON.stringify(lines)).not.toMatch(/s3cret|\.pem|none\.key/)
    return `${line!.msg}: ${line!.error}`
  }
  expect(await refusal('a', client)).toMatch(/^the broker cannot be reached: .*self.signed certificate/)
  expect(await refusal('b', { ...known, ca: stranger })).toMatch(/certificate/)
  expect(await refusal('c', { ...known, serverName: 'elsewhere.example' })).toContain('elsewhere.example')
  expect(await refusal('d', { ...known, key: join(folder, 'none.key') })).toBe(
    'the broker cannot be reached: tls.key cannot be read (ENOENT)',
  )
  const named = await connect({
    ...identity,
    clientId: 'e',
    tls: { ...known, serverName: 'broker.example' },
  })
  await connected(named.bus)
})

it.runIf(hasPeers)(
  'the files are read for each connection, so that what was missing or is renewed is taken',
  async () => {
    const { authority, broker, url } = await startGuardedBroker()
    const folder = temporaryFolder()
    const client = authority.issue('client')
    const key = join(folder, 'later.key')
    const tls = { ca: authority.certificate, certificate: client.certificate, key }
    const { bus } = await connect({ url, tls, clientId: 'hub', username: 'hub', password: 'hub-s3cret' })
    expect(bus.connected).toBe(false)
    spawnSync('cp', [client.key, key])
    await connected(bus)
    await broker.stop()
    await until(
      () => bus.connected,
      now => !now,
    )
  },
)

it.runIf(findPeer('mosquitto'))('of several brokers the next one is taken when one is gone', async () => {
  const brokers = [await startMosquitto(), await startMosquitto()]
  for (const broker of brokers) onTestFinished(() => broker.close())
  const url = brokers.map(broker => broker.url)
  const witness = await Promise.all(
    brokers.map(async (broker, i) => {
      const heard: string[] = []
      const bus = await connectBus({ url: broker.url, clientId: `w${i}`, log: silentLog })
      onTestFinished(() => bus.close())
      await bus.subscribe('where', () => heard.push('here'))
      await connected(bus)
      return heard
    }),
  )
  const { bus } = await connect({ url, clientId: 'x' })
  await connected(bus)
  await bus.publish('where', 'am I')
  const [first] = await until(
    () => witness.flatMap((heard, i) => (heard.length > 0 ? [i] : [])),
    ({ length }) => length > 0,
  )
  const again = new Promise<void>(resolve => {
    let calls = 0
    bus.onConnect(() => void (++calls === 2 && resolve()))
  })
  await brokers[first!]!.stop()
  await again
  await bus.publish('where', 'am I')
  await until(
    () => witness[1 - first!]!,
    ({ length }) => length > 0,
  )
})
