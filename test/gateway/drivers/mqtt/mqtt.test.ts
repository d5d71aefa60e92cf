import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { connectAsync, type MqttClient } from 'mqtt'
import { OPCUACertificateManager } from 'node-opcua'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startConnection } from '../../../../gateway/connection.ts'
import { createDriver } from '../../../../gateway/drivers/mqtt/mqtt.ts'
import type { ConnectionStatus } from '../../../../model/delivery.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { MqttConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { startMosquitto } from '../../../peers/mosquitto.ts'
import { Collector, clock } from '../../collector.ts'
import { mqttPoint } from '../../points.ts'
import { describeSample } from './messages.ts'

async function startDevice(url: string): Promise<MqttClient> {
  const device = await connectAsync(url)
  onTestFinished(() => device.endAsync())
  return device
}

/** A gateway's connection to a broker: what it says, its states, and what it logs. */
function listen(url: string, points: readonly Point[], settings: Partial<MqttConnection> = {}) {
  const samples = new Collector<string>()
  const statuses = new Collector<ConnectionStatus>()
  const logged = new Collector<{ msg: string; topic?: string; count?: number }>()
  const log = pino({ level: 'info' }, { write: line => logged.deliver([JSON.parse(line)]) })
  const connection = startConnection({
    driver: createDriver({
      connection: {
        id: 'a-connection',
        driver: 'mqtt',
        url,
        version: '3.1.1',
        session: 'clean',
        silence: 3,
        maxPayload: 1000,
        devices: [],
        ...settings,
      },
      folder: '',
      clock,
      log,
    }),
    points,
    clock,
    log,
    deliver: some => samples.deliver(some.map(describeSample)),
    onStatus: status => statuses.deliver([status]),
  })
  closeLater(connection)
  return { connection, samples, statuses, logged }
}

/** A certificate of 127.0.0.1 that is its own authority. */
async function makeCertificate(folder: string): Promise<{ certificate: string; key: string }> {
  const manager = new OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: false,
  })
  await manager.initialize()
  const certificate = join(folder, 'broker.pem')
  await manager.createSelfSignedCertificate({
    applicationUri: 'urn:broker',
    subject: '/CN=127.0.0.1',
    dns: ['localhost'],
    ip: ['127.0.0.1'],
    outputFile: certificate,
    startDate: new Date(clock.now() - 86_400_000),
    validity: 10,
  })
  await manager.dispose()
  for (const path of [folder, join(folder, 'own'), join(folder, 'own', 'private')]) await chmod(path, 0o755)
  await chmod(manager.privateKey, 0o644)
  return { certificate, key: manager.privateKey }
}

const slow = { interval: 3_600_000 }
const temperature = mqttPoint('temperature', { topic: 'a/temperature' }, slow)
const subscribed = (logged: ReturnType<typeof listen>['logged']) =>
  logged.next(({ msg }) => msg === 'subscribed')

describe.runIf(findPeer('mosquitto'))('listening at Mosquitto', () => {
  it.each(['3.1.1', 5] as const)('hears values, over MQTT %s', async version => {
    const broker = closeLater(await startMosquitto())
    const { samples, statuses, logged } = listen(broker.url, [temperature], { version })
    await subscribed(logged)
    const device = await startDevice(broker.url)
    await device.publishAsync('a/temperature', '21.5')
    await samples.next(said => said === 'temperature=21.5')
    expect(statuses.all.at(-1)).toEqual({ state: 'connected' })
  })

  it('trap 13: what cannot be read is counted and named, and stops nobody', async () => {
    const broker = closeLater(await startMosquitto())
    const { samples, logged } = listen(broker.url, [temperature, mqttPoint('json', { value: '/v' }, slow)])
    await subscribed(logged)
    const device = await startDevice(broker.url)
    for (const payload of ['{', '{"w":1}', Buffer.from([0xff]), 'x'.repeat(1001), '[]']) {
      await device.publishAsync('a/topic', payload)
    }
    await device.publishAsync('a/topic', '{')
    await device.publishAsync('a/topic', '{"v":1}')
    await samples.next(said => said === 'json=1')
    expect(samples.all).toEqual(['json=1'])
    const messages = logged.all.filter(({ topic }) => topic === 'a/topic').map(({ msg }) => msg)
    expect(messages).toEqual([
      'a message is no JSON',
      'a message has nothing at /v',
      'a message is no UTF-8 text',
      'a message is too long',
    ])
  })

  it('a retained message without a time of its own is not taken, one with it keeps it', async () => {
    const broker = closeLater(await startMosquitto())
    const device = await startDevice(broker.url)
    const dated = mqttPoint('dated', { value: '/v', time: '/t' }, slow)
    await device.publishAsync('a/temperature', '19', { retain: true })
    await device.publishAsync('a/topic', '{"v":19,"t":"2026-11-22T08:00:00Z"}', { retain: true })
    const { samples, logged } = listen(broker.url, [temperature, dated])
    await subscribed(logged)
    await device.publishAsync('a/temperature', '20', { retain: true })
    await samples.next(said => said === 'temperature=20')
    expect(samples.all.toSorted()).toEqual(['dated=19 @2026-11-22T08:00:00.000Z late', 'temperature=20'])
  })

  it('trap 6: a silent point becomes bad:timeout once, never the old value again', async () => {
    const broker = closeLater(await startMosquitto())
    const quick = mqttPoint('quick', { topic: 'a/quick' }, { interval: 100 })
    const { samples, logged } = listen(broker.url, [quick])
    await subscribed(logged)
    const device = await startDevice(broker.url)
    await device.publishAsync('a/quick', '1')
    await samples.next(said => said === 'quick=1')
    const from = samples.all.indexOf('quick=1')
    await samples.next(said => said === 'quick=bad:timeout', from)
    // Long enough for it to be told twice.
    await new Promise(resolve => setTimeout(resolve, 500))
    await device.publishAsync('a/quick', '2')
    await samples.next(said => said === 'quick=2')
    expect(samples.all.slice(from)).toEqual(['quick=1', 'quick=bad:timeout', 'quick=2'])
  })

  it('trap 24: a device that was never heard is bad as well', async () => {
    const broker = closeLater(await startMosquitto())
    const { samples } = listen(broker.url, [mqttPoint('mute', { topic: 'mute' }, { interval: 100 })])
    await samples.next(said => said === 'mute=bad:timeout')
  })

  it('is bad while the broker is away, and hears again when it is back', async () => {
    const broker = closeLater(await startMosquitto())
    const quick = mqttPoint('quick', { topic: 'a/quick' }, { interval: 100 })
    const { samples, statuses, logged } = listen(broker.url, [quick], { silence: 1000 })
    await subscribed(logged)
    await broker.stop()
    await samples.next(said => said === 'quick=bad:disconnected')
    await statuses.next(({ error }) => error?.startsWith('cannot connect to mqtt://127.0.0.1:') === true)
    const { length } = logged.all
    await broker.start()
    await logged.next(({ msg }) => msg === 'subscribed', length)
    const device = await startDevice(broker.url)
    await device.publishAsync('a/quick', '3')
    await samples.next(said => said === 'quick=3')
  })

  it.each(['3.1.1', 5] as const)(
    'a persistent session brings what came meanwhile, over MQTT %s: at its own time, or marked as of unknown time',
    async version => {
      const broker = closeLater(await startMosquitto())
      const dated = mqttPoint('dated', { value: '/v', time: '/t' }, slow)
      const settings = { version, session: 'persistent' } as const
      const first = listen(broker.url, [temperature, dated], settings)
      await subscribed(first.logged)
      await first.connection.close()
      const device = await startDevice(broker.url)
      await device.publishAsync('a/topic', '{"v":19,"t":"2026-11-22T08:00:00Z"}', { qos: 1 })
      await device.publishAsync('a/temperature', '20', { qos: 1 })
      const { samples } = listen(broker.url, [temperature, dated], settings)
      await samples.next(() => true, 1)
      expect(samples.all).toEqual([
        'dated=19 @2026-11-22T08:00:00.000Z late',
        'temperature=20 uncertain:clock late',
      ])
    },
  )

  it('is let in over TLS with its password by a broker whose authority it knows, and trusts no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'affluent-mqtt-tls-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { certificate, key } = await makeCertificate(folder)
    const passwords = join(folder, 'passwords')
    spawnSync('mosquitto_passwd', ['-b', '-c', passwords, 'affluent', 's3cret'])
    await chmod(passwords, 0o644)
    const settings = `allow_anonymous false\npassword_file ${passwords}\ncertfile ${certificate}\nkeyfile ${key}`
    const broker = closeLater(await startMosquitto(settings))
    const url = broker.url.replace('mqtt:', 'mqtts:')
    const identity = { username: 'affluent', password: 's3cret' }
    const { samples, logged } = listen(url, [temperature], { ...identity, tls: { ca: certificate } })
    await subscribed(logged)
    const device = await connectAsync(url, { ...identity, rejectUnauthorized: false })
    onTestFinished(() => device.endAsync())
    await device.publishAsync('a/temperature', '21.5')
    await samples.next(said => said === 'temperature=21.5')

    const { statuses } = listen(url, [temperature], identity)
    const untrusted = await statuses.next(({ state }) => state === 'failed')
    expect(untrusted.error).toBe(
      `cannot connect to ${url}: self-signed certificate; name its authority in tls.ca`,
    )
    const lost = listen(url, [temperature], { ...identity, tls: { ca: join(folder, 'none.pem') } })
    await lost.statuses.next(({ error }) => error === 'tls.ca cannot be read (ENOENT)')
  })

  it('says why it cannot connect, without the password', async () => {
    const broker = closeLater(await startMosquitto('allow_anonymous false'))
    const { statuses, logged } = listen(broker.url, [temperature], { username: 'u', password: 's3cret' })
    const { error } = await statuses.next(({ state }) => state === 'failed')
    expect(error).toBe(`cannot connect to ${broker.url}: Connection refused: Not authorized`)
    expect(JSON.stringify(logged.all)).not.toContain('s3cret')
  })
})

it('one refused subscription is named and stops no other', async () => {
  const refusing = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('a/') ? subscription : null),
  })
  const server = createServer(refusing.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    await new Promise<void>(resolve => refusing.close(resolve))
    server.close()
  })
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const many = Array.from({ length: 20 }, (_, i) => mqttPoint(`p${i}`, { topic: `a/${i}` }, slow))
  const secret = mqttPoint('secret', { topic: 'b' }, slow)
  const { samples, logged } = listen(url, [secret, ...many])
  await logged.next(({ msg }) => msg === 'the broker refuses this subscription')
  await subscribed(logged)
  const device = await startDevice(url)
  await device.publishAsync('a/0', '1')
  await device.publishAsync('a/19', '2')
  await samples.next(said => said === 'p19=2')
  expect(samples.all).toEqual(['p0=1', 'p19=2'])

  const alone = listen(url, [secret], { clientId: 'another' })
  await alone.statuses.next(({ error }) => error === 'the broker refuses every subscription')
})
