import { connectAsync } from 'mqtt'
import pino from 'pino'
import { expect, it } from 'vitest'
import { connectBus } from '../../bus/client.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { roadRegistry } from '../rules/road-station.ts'
import { until } from '../rules/territory.ts'
import { MINUTE, NOW, reading, startHub } from './hub.ts'

const SURFACE = 'col/meteo/surface-temperature'
const SECONDS = NOW / 1000

let number = 1
const batch = (...readings: Reading[]) => {
  const first = number
  number += readings.length
  const envelope = { version: 1, sender: 'gw', stream: 'measures', run: 'r', first, sent: NOW } as const
  return encodeReadingBatch({ ...envelope, backlog: false, readings: toColumns(readings) })
}

async function startRoads(bus?: Bus) {
  const quantities = ['surface-temperature', 'surface-condition', 'fault'] as const
  const registry = await roadRegistry(
    [
      { site: 'col', lat: 44, quantities, openData: true },
      { site: 'depot', lat: 46, quantities },
    ],
    [],
  )
  return startHub({ registry, publicMqtt: { maxClients: 5 }, ...(bus && { bus }) })
}

async function listen(url: string) {
  const client = await connectAsync(`${url.replace('http', 'ws')}/mqtt`, { reconnectPeriod: 0 })
  const heard: [string, unknown][] = []
  client.on('message', (topic, payload) => heard.push([topic, JSON.parse(String(payload))]))
  await client.subscribeAsync('weather-v2/+/+')
  return { client, heard }
}

it('the public hears what the stations say, and nothing that is old, bad or not for it', async () => {
  const hub = await startRoads()
  const { client, heard } = await listen(hub.url)
  await hub.peer.publish(
    topics.readings('gw'),
    batch(
      reading(SURFACE, NOW - 2 * MINUTE, 1.5),
      reading(SURFACE, NOW - 3 * MINUTE, 9),
      reading(SURFACE, NOW - MINUTE, null, 'bad:timeout'),
      reading('col/meteo/surface-condition', NOW - 500, 'ice'),
      reading('col/meteo/surface-condition', NOW - 400, 'lava'),
      reading('col/meteo/fault', NOW, true),
      reading('depot/meteo/surface-temperature', NOW, 7),
      reading('nowhere/else/point', NOW, 7),
    ),
  )
  // What was kept while a gateway could not send is not the weather of now.
  await hub.peer.publish(topics.readings('gw'), batch(reading(SURFACE, NOW - 20 * MINUTE, 8)))
  await hub.peer.publish(topics.readings('gw'), batch(reading(SURFACE, NOW, -1)))
  await until(() =>
    expect(heard.at(-1)).toEqual([`weather-v2/col/meteo.surface-temperature`, { value: -1, time: SECONDS }]),
  )
  expect(heard.slice(0, -1)).toEqual([
    ['weather-v2/col/meteo.surface-temperature', { value: 1.5, time: SECONDS - 120 }],
    ['weather-v2/col/meteo.surface-condition', { value: 7, time: SECONDS - 1 }],
  ])
  expect(await (await hub.get('/metrics')).text()).toContain('\naffluent_public_clients 1\n')
  await client.endAsync(true)
  await hub.close()
})

it('nobody can listen where it is not set', async () => {
  const hub = await startHub()
  await expect(listen(hub.url)).rejects.toThrow()
  await hub.close()
})

it('who asks to speak HTTP/2 gets the answer in HTTP/1.1', async () => {
  const hub = await startRoads()
  const { hostname, port } = new URL(hub.url)
  const { request } = await import('node:http')
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' }
  const status = await new Promise(resolve =>
    request({ hostname, port, path: '/health/live', headers }, response => {
      response.resume()
      resolve(response.statusCode)
    }).end(),
  )
  expect(status).toBe(200)
  await hub.close()
})

it('is the same with a Mosquitto inside, which the public does not reach', async () => {
  const mosquitto = await startMosquitto()
  const log = pino({ level: 'silent' })
  const open = async (clientId: string) => {
    const bus = await connectBus({ url: mosquitto.url, clientId, log })
    await new Promise<void>(resolve => bus.onConnect(() => resolve()))
    return bus
  }
  const [bus, gateway] = [await open('api'), await open('gateway')]
  const hub = await startRoads(bus)
  const { client, heard } = await listen(hub.url)
  await gateway.publish('weather-v2/col/meteo.fault', '1')
  await gateway.publish(topics.readings('gw'), batch(reading(SURFACE, NOW, -2)))
  const said = ['weather-v2/col/meteo.surface-temperature', { value: -2, time: SECONDS }]
  await until(() => expect(heard).toEqual([said]))
  await client.endAsync(true)
  await hub.close()
  await Promise.all([bus.close(), gateway.close()])
  await mosquitto.close()
})
