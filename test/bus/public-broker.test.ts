import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import mqttPacket from 'mqtt-packet'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type PublicBroker, startPublicBroker } from '../../bus/public-broker.ts'
import { until } from '../rules/territory.ts'

const log = pino({ level: 'silent' })

let broker: PublicBroker
let url: string
let closing: (() => unknown)[]
beforeEach(async () => {
  closing = []
  await start()
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

async function start(pingMs?: number): Promise<void> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`
  const started = await startPublicBroker({ server, root: 'weather-v2', maxClients: 4, pingMs, log })
  broker = started
  closing.push(
    () => started.close(),
    () => server.close(),
  )
}

async function listener(options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options })
  closing.push(() => client.endAsync(true))
  return client
}

/** What a client hears, as text. */
function heardBy(client: MqttClient): string[] {
  const heard: string[] = []
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
  return heard
}

/** A client that connects and subscribes and then reads nothing. */
async function frozenListener(): Promise<WebSocket> {
  const socket = new WebSocket(url, 'mqtt')
  socket.on('error', () => {})
  closing.push(() => socket.terminate())
  await once(socket, 'open')
  socket.send(mqttPacket.generate({ cmd: 'connect', clientId: 'frozen', clean: true, keepalive: 0 }))
  const subscriptions = [{ topic: 'weather-v2/#', qos: 0 as const }]
  socket.send(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions }))
  while (((await once(socket, 'message'))[0] as Buffer)[0] !== 0x90) {}
  ;(socket as unknown as { _socket: Socket })._socket.pause()
  return socket
}

it('tells listeners over WebSocket what is published, by station or all of it', async () => {
  const [one, all] = [await listener(), await listener()]
  const [heardOne, heardAll] = [heardBy(one), heardBy(all)]
  await one.subscribeAsync('weather-v2/col/+', { qos: 1 })
  await all.subscribeAsync('weather-v2/#')
  broker.publish('weather-v2/col/meteo.air', '1')
  broker.publish('weather-v2/pont/meteo.air', '2')
  await until(() => expect(heardAll).toEqual(['weather-v2/col/meteo.air 1', 'weather-v2/pont/meteo.air 2']))
  expect(heardOne).toEqual(['weather-v2/col/meteo.air 1'])
})

describe('takes nothing', () => {
  it('that is published: who tries is cut off, and nobody hears of it', async () => {
    const [liar, all] = [await listener(), await listener()]
    const heard = heardBy(all)
    await all.subscribeAsync('weather-v2/#')
    const cut = new Promise<void>(resolve => liar.once('close', () => resolve()))
    liar.publish('weather-v2/col/meteo.air', '99')
    await cut
    broker.publish('weather-v2/col/meteo.air', '1')
    await until(() => expect(heard).toEqual(['weather-v2/col/meteo.air 1']))
  })

  it('as a last will', async () => {
    const will = { topic: 'weather-v2/col/meteo.air', payload: Buffer.from('99'), qos: 0 as const }
    const [liar, all] = [await listener({ will: { ...will, retain: true } }), await listener()]
    const heard = heardBy(all)
    await all.subscribeAsync('weather-v2/#')
    liar.stream.destroy()
    await until(() => expect(broker.clients()).toBe(1))
    broker.publish('weather-v2/col/meteo.air', '1')
    await until(() => expect(heard).toEqual(['weather-v2/col/meteo.air 1']))
  })

  it('longer than what somebody subscribes with', async () => {
    const liar = await listener()
    const cut = new Promise<void>(resolve => liar.once('close', () => resolve()))
    liar.publish('weather-v2/col/meteo.air', 'x'.repeat(20_000))
    await cut
  })

  it('as text', async () => {
    const socket = new WebSocket(url, 'mqtt')
    await once(socket, 'open')
    socket.send('hello')
    await once(socket, 'close')
  })
})

describe('gives nothing else', () => {
  it.each(['#', '+/col/meteo.air', '$SYS/#', 'affluent/#', `weather-v2/${'x'.repeat(300)}`])(
    'not %s',
    async filter => {
      const client = await listener()
      await expect(client.subscribeAsync(filter)).rejects.toThrow(/Unspecified error|suback/i)
    },
  )

  it('than 200 subscriptions, of which one that is given back makes room', async () => {
    const client = await listener()
    const filters = Array.from({ length: 200 }, (_, i) => `weather-v2/s${i}/+`)
    await client.subscribeAsync(filters)
    await expect(client.subscribeAsync('weather-v2/more/+')).rejects.toThrow()
    await client.unsubscribeAsync(filters[0]!)
    await client.subscribeAsync('weather-v2/more/+')
  })
})

it('lets no client take the session of another', async () => {
  const clientId = 'same'
  const first = await listener({ clientId, clean: false })
  const heard = heardBy(first)
  await first.subscribeAsync('weather-v2/#')
  await listener({ clientId, clean: false })
  broker.publish('weather-v2/status', '1')
  await until(() => expect(heard).toEqual(['weather-v2/status 1']))
})

it('is full at its limit, and has room again when somebody leaves', async () => {
  const clients = [await listener(), await listener(), await listener(), await listener()]
  const refused = new WebSocket(url, 'mqtt')
  const [error] = await once(refused, 'error')
  expect((error as Error).message).toContain('503')
  await clients[0]!.endAsync()
  await until(() => expect(broker.clients()).toBe(3))
  await listener()
})

it('stops for nobody who does not read: the others hear all of it, and the slow are cut off', async () => {
  const reader = await listener()
  const heard = heardBy(reader)
  await reader.subscribeAsync('weather-v2/#')
  for (let i = 0; i < 3; i++) await frozenListener()
  const payload = 'x'.repeat(100_000)
  let sent = 0
  while (broker.clients() > 1) {
    broker.publish('weather-v2/status', payload)
    sent += 1
    await until(() => expect(heard.length).toBe(sent))
    expect(sent).toBeLessThan(2000)
  }
  expect(reader.connected).toBe(true)
})

it('forgets a client whose line is dead', async () => {
  await start(200)
  await frozenListener()
  // It answers no ping.
  await until(() => expect(broker.clients()).toBe(0))
})
