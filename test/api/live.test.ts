import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { alertEvent, frostAlert, type Hub, type Json, MINUTE, NOW, reading, startHub } from './hub.ts'

let hub: Hub
beforeEach(async () => {
  hub = await startHub()
})
afterEach(() => hub.close())

let number = 1
const publish = (...readings: Reading[]) => {
  const first = number
  number += readings.length
  return hub.peer.publish(
    topics.readings('gw-essai'),
    encodeReadingBatch({
      version: 1,
      sender: 'gw-essai',
      stream: 'measures',
      run: 'r',
      first,
      sent: NOW,
      backlog: false,
      readings: toColumns(readings),
    }),
  )
}

interface LiveEvent {
  event: string
  data: Json
}

/** Listens, and gives the events one by one as they come. */
async function listen(query = '') {
  const abort = new AbortController()
  const response = await fetch(`${hub.url}/v1/live${query}`, { signal: abort.signal })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  async function* events(): AsyncGenerator<LiveEvent> {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end)
        text = text.slice(end + 2)
        const match = /^event: (\w+)\ndata: (.+)$/.exec(block)
        if (match) yield { event: match[1]!, data: JSON.parse(match[2]!) }
        else expect(block).toBe('retry: 3000')
      }
    }
  }
  const stream = events()
  const next = async () => (await stream.next()).value as LiveEvent
  expect(await next()).toEqual({ event: 'heartbeat', data: { time: '2026-11-22T11:00:00.000Z' } })
  return { next, stop: () => abort.abort() }
}

it('a reading published on the bus arrives, the newest of its point', async () => {
  const live = await listen()
  await publish(
    reading('college/elec/power', NOW - 20_000, 11),
    reading('college/elec/power', NOW - 10_000, 12),
    reading('college/elec/power', NOW - 30_000, 10),
    reading('nowhere/else/point', NOW, 1),
  )
  expect(await live.next()).toEqual({
    event: 'readings',
    data: {
      readings: [
        { point: 'college/elec/power', time: '2026-11-22T10:59:50.000Z', value: 12, quality: 'good' },
      ],
    },
  })
  // A backlog is older than what was shown, and is not shown as live.
  await publish(reading('college/elec/power', NOW - 15 * MINUTE, 5))
  await publish(reading('college/elec/power', NOW, null, 'bad:timeout'))
  expect((await live.next()).data.readings).toEqual([
    { point: 'college/elec/power', time: '2026-11-22T11:00:00.000Z', value: null, quality: 'bad:timeout' },
  ])
  live.stop()
})

it('a clock that ran ahead and was set right leaves no point unheard', async () => {
  const live = await listen()
  await publish(reading('college/elec/power', NOW + 365 * 24 * 60 * MINUTE, 99))
  expect((await live.next()).data.readings).toMatchObject([{ value: 99 }])
  await publish(reading('college/elec/power', NOW, 12))
  expect((await live.next()).data.readings).toMatchObject([{ value: 12 }])
  live.stop()
})

it('a listener to one site hears of that site only', async () => {
  const live = await listen('?site=gymnase')
  await publish(reading('college/elec/power', NOW, 12), reading('gymnase/air/temperature', NOW, 4.5))
  expect((await live.next()).data.readings.map((r: Reading) => r.point)).toEqual(['gymnase/air/temperature'])
  live.stop()
  expect((await hub.get('/v1/live?site=mairie')).status).toBe(400)
})

it('alert events arrive at once', async () => {
  const live = await listen()
  const envelope = {
    version: 1,
    sender: 'rules',
    stream: 'alerts',
    run: 'r',
    first: 1,
    sent: NOW,
    backlog: false,
  } as const
  const batch = encodeAlertBatch({ ...envelope, events: [alertEvent('fired', frostAlert())] })
  await hub.peer.publish(topics.alertEvents('rules'), batch)
  expect(await live.next()).toMatchObject({
    event: 'alert',
    data: {
      type: 'fired',
      actor: 'rules',
      alert: { id: 'gel-1', siteName: "Gymnase d'essai", state: 'firing' },
    },
  })
  live.stop()
})

it('the status of a gateway arrives, and is kept; another registry is flagged', async () => {
  const live = await listen()
  const status = {
    version: 1,
    sender: 'gw-essai',
    role: 'gateway',
    online: true,
    registry: hub.registry.gatewayParts.get('gw-essai')!.hash,
    time: NOW,
    connections: { tcp: { state: 'failed', error: 'no answer from 127.0.0.1:502' } },
    waiting: { measures: 12 },
    outbox: {
      bytes: 300,
      maxBytes: 1200,
      share: 0.25,
      streams: { indexes: { bytes: 100 }, measures: { bytes: 200, timeLeftMs: 90_400 } },
    },
    clockOffset: -90_250,
  }
  await hub.peer.publish(topics.status('gw-essai'), JSON.stringify(status), { retain: true })
  const gateway = {
    id: 'gw-essai',
    name: "Passerelle d'essai",
    online: true,
    time: '2026-11-22T11:00:00.000Z',
    registry: hub.registry.gatewayParts.get('gw-essai')!.hash,
    registryMatches: true,
    registryProblem: null,
    connections: [
      {
        id: 'tcp',
        driver: 'modbus',
        state: 'failed',
        error: 'no answer from 127.0.0.1:502',
        lastReading: null,
      },
    ],
    waiting: { alerts: 0, indexes: 0, measures: 12 },
    outbox: {
      bytes: 300,
      maxBytes: 1200,
      share: 0.25,
      timeLeftSeconds: { alerts: null, indexes: null, measures: 90 },
    },
    clockOffsetSeconds: -90.25,
  }
  expect(await live.next()).toEqual({ event: 'gateway', data: gateway })
  expect(await hub.json('/v1/gateways')).toEqual({ gateways: [gateway] })
  const metrics = await (await hub.get('/metrics')).text()
  for (const line of [
    'affluent_sender_clock_offset_seconds{sender="gw-essai"} -90.25',
    'affluent_outbox_waiting{sender="gw-essai",stream="measures"} 12',
    'affluent_outbox_bytes{sender="gw-essai",stream="indexes"} 100',
    'affluent_outbox_limit_bytes{sender="gw-essai"} 1200',
    'affluent_outbox_time_left_seconds{sender="gw-essai",stream="measures"} 90.4',
    'affluent_outbox_time_left_seconds{sender="gw-essai",stream="indexes"} +Inf',
  ])
    expect(metrics.split('\n')).toContain(line)

  await hub.peer.publish(
    topics.status('gw-essai'),
    JSON.stringify({ ...status, registry: 'other', registryProblem: 'why', online: false }),
  )
  expect((await live.next()).data).toMatchObject({
    registryMatches: false,
    registryProblem: 'why',
    online: false,
    connections: [{ state: 'unknown' }],
  })
  live.stop()
})

it('the status of a gateway on the topic of another sender is not taken for its own', async () => {
  const status = { version: 1, sender: 'gw-essai', role: 'gateway', registry: '', time: NOW }
  await hub.peer.publish(topics.status('gw-essai'), JSON.stringify({ ...status, online: true }))
  await hub.peer.publish(topics.status('other'), JSON.stringify({ ...status, online: false }))
  await hub.peer.publish(topics.status('other'), JSON.stringify({ ...status, sender: 'other', online: true }))
  await expect.poll(async () => (await hub.get('/metrics')).text()).toContain('sender="other"')
  expect((await hub.json('/v1/gateways')).gateways).toMatchObject([{ id: 'gw-essai', online: true }])
})

it('a gateway that has fallen silent is offline, though its broker never published its will', async () => {
  let elapsed = 0
  const silent = await startHub({ clock: { now: () => NOW, elapsed: () => elapsed }, silenceCheckMs: 10 })
  const status = { version: 1, sender: 'gw-essai', role: 'gateway', online: true, registry: '', time: NOW }
  const say = () => silent.peer.publish(topics.status('gw-essai'), JSON.stringify(status), { retain: true })
  const online = async () => (await silent.json('/v1/gateways')).gateways[0].online
  await say()
  await expect.poll(online).toBe(true)
  elapsed = 90_001
  await expect.poll(online).toBe(false)
  await say()
  await expect.poll(online).toBe(true)
  await silent.close()
})

it('a gateway tells whom it follows, and the hub what is wrong with that', async () => {
  const following = await startHub({ registryProblemOf: ({ follows }) => follows && `not ${follows}` })
  const status = { version: 1, sender: 'gw-essai', role: 'gateway', online: true, registry: '', time: NOW }
  const say = (more: object) =>
    following.peer.publish(topics.status('gw-essai'), JSON.stringify({ ...status, ...more }))
  const problem = async () => (await following.json('/v1/gateways')).gateways[0].registryProblem
  await say({ follows: 'a key' })
  await expect.poll(problem).toBe('not a key')
  await say({ follows: 'a key', registryProblem: 'its own' })
  await expect.poll(problem).toBe('its own')
  await following.close()
})

it('what does not decode stops nobody', async () => {
  const live = await listen()
  await hub.peer.publish(topics.readings('gw-essai'), '{"version":1')
  await hub.peer.publish(topics.status('gw-essai'), 'online')
  await publish(reading('college/elec/power', NOW, 12))
  expect((await live.next()).event).toBe('readings')
  live.stop()
})

it('heartbeats say that the stream lives', async () => {
  const beating = await startHub({ heartbeatMs: 20 })
  const response = await beating.get('/v1/live')
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.split('event: heartbeat').length > 4) break
  }
  await beating.close()
})

it('a client that does not read is disconnected', async () => {
  const { hostname, port } = new URL(hub.url)
  const socket = connect(Number(port), hostname)
  await new Promise(resolve => socket.once('connect', resolve))
  socket.write(`GET /v1/live HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
  await new Promise(resolve => socket.once('readable', resolve))
  socket.on('error', () => {})
  const clients = async () => /affluent_live_clients (\d+)/.exec(await (await hub.get('/metrics')).text())![1]
  expect(await clients()).toBe('1')

  // Alerts go out one by one, so that they fill the buffers of the kernel and then ours.
  const alert = frostAlert('firing', { message: { fr: 'x'.repeat(200_000), en: '' } })
  const envelope = {
    version: 1,
    sender: 'rules',
    stream: 'alerts',
    run: 'r',
    sent: NOW,
    backlog: false,
  } as const
  for (let first = 1; (await clients()) === '1'; first++) {
    await hub.peer.publish(
      topics.alertEvents('rules'),
      encodeAlertBatch({
        ...envelope,
        first,
        events: [alertEvent('fired', { ...alert, id: `frost-${first}` })],
      }),
    )
    expect(first).toBeLessThan(200)
  }
  socket.destroy()
})
