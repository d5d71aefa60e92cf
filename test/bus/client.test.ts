import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Broker, startBroker } from '../../bus/broker.ts'
import { type BusOptions, connectBus } from '../../bus/client.ts'
import type { Bus } from '../../bus/contract.ts'
import { topicMatches } from '../../bus/topics.ts'
import { recordingLog, silentLog } from './fixtures.ts'

async function broker(port = 0): Promise<Broker> {
  const started = await startBroker({ host: '127.0.0.1', port, log: silentLog })
  onTestFinished(() => started.close())
  return started
}

async function bus(url: string, clientId: string, settings: Partial<BusOptions> = {}): Promise<Bus> {
  const opened = await connectBus({ url, clientId, log: silentLog, ...settings })
  onTestFinished(() => opened.close())
  return opened
}

const connected = (of: Bus) => new Promise<void>(resolve => of.onConnect(resolve))

/** A bus whose messages are kept. */
async function listening(url: string, filter: string): Promise<{ bus: Bus; heard: string[] }> {
  const heard: string[] = []
  const listener = await bus(url, `listener-${filter.length}`)
  await listener.subscribe(filter, (topic, payload, retained) => {
    heard.push(`${topic} ${payload}${retained ? ' (retained)' : ''}`)
  })
  await connected(listener)
  return { bus: listener, heard }
}

describe('the embedded broker', () => {
  it('names the address that is in use and how to choose another', async () => {
    const { port } = await broker()
    await expect(startBroker({ host: '127.0.0.1', port, log: silentLog })).rejects.toThrow(
      `MQTT: 127.0.0.1:${port} is in use by another program: stop it, or choose another port with mqtt.port in hub.yaml or --mqtt-port`,
    )
  })

  it('closes within a second although clients are connected', async () => {
    const { url } = await broker()
    const started = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
    const clients = await Promise.all([1, 2, 3].map(n => bus(started.url, `client-${n}`)))
    await Promise.all(clients.map(connected))
    const begun = performance.now()
    await started.close()
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(url).not.toBe(started.url)
  })

  it('is not held up by a subscriber that stops reading', async () => {
    const { url, port } = await broker()
    const frozen = await frozenSubscriber(port, 'load')
    onTestFinished(() => void frozen.destroy())
    const { heard } = await listening(url, 'load')
    const publisher = await bus(url, 'publisher')
    await connected(publisher)
    const payload = 'x'.repeat(10_000)
    await Promise.all(Array.from({ length: 3000 }, () => publisher.publish('load', payload)))
    await vi.waitFor(() => expect(heard).toHaveLength(3000), 10_000)
  }, 20_000)
})

/** A subscriber in bare MQTT 3.1.1 packets that takes the SUBACK and then reads no more. */
async function frozenSubscriber(port: number, topic: string): Promise<Socket> {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const connectBody = Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 0]), text('frozen')])
  const subscribeBody = Buffer.concat([Buffer.from([0, 1]), text(topic), Buffer.from([0])])
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(Buffer.concat([Buffer.from([0x10, connectBody.length]), connectBody]))
  await once(socket, 'data')
  socket.write(Buffer.concat([Buffer.from([0x82, subscribeBody.length]), subscribeBody]))
  await once(socket, 'data')
  socket.pause()
  socket.on('error', () => {})
  return socket
}

/** A broker that answers a connection with a return code, and nothing else. */
async function dumbBroker(
  returnCode: number,
): Promise<{ port: number; sockets: Socket[]; packets: number[] }> {
  const sockets: Socket[] = []
  const packets: number[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      const type = bytes.readUInt8(0)
      packets.push(type >> 4)
      if (type === 0x10) socket.write(Buffer.from([0x20, 2, 0, returnCode]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { port, sockets, packets }
}

describe('a bus', () => {
  it('carries messages to every handler whose filter matches', async () => {
    const { url } = await broker()
    const { heard } = await listening(url, 'a/+/c')
    const publisher = await bus(url, 'publisher')
    await connected(publisher)
    await publisher.publish('a/b/c', 'one')
    await publisher.publish('a/b', 'two')
    await publisher.publish('a/x/c', new TextEncoder().encode('three'))
    await vi.waitFor(() => expect(heard).toEqual(['a/b/c one', 'a/x/c three']))
  })

  it('gives a retained message to a late subscriber', async () => {
    const { url } = await broker()
    const publisher = await bus(url, 'publisher')
    await connected(publisher)
    await publisher.publish('status', 'here', { retain: true })
    const { heard } = await listening(url, 'status')
    await vi.waitFor(() => expect(heard).toEqual(['status here (retained)']))
  })

  it('logs a handler that throws and calls the others', async () => {
    const { url } = await broker()
    const { log, lines } = recordingLog()
    const both = await bus(url, 'both', { log })
    const heard: string[] = []
    await both.subscribe('topic', () => {
      throw new Error('a poor handler')
    })
    await both.subscribe('topic', (_, payload) => heard.push(payload.toString()))
    await connected(both)
    await both.publish('topic', 'first')
    await both.publish('topic', 'second')
    await vi.waitFor(() => expect(heard).toEqual(['first', 'second']))
    expect(lines.join()).toContain('a poor handler')
  })

  it('returns at once without a broker, refuses to publish, and connects when there is one', async () => {
    const { port, close } = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
    await close()
    const early = await bus(`mqtt://127.0.0.1:${port}`, 'early')
    const heard: string[] = []
    await early.subscribe('topic', (_, payload) => heard.push(payload.toString()))
    expect(early.connected).toBe(false)
    await expect(early.publish('topic', 'lost')).rejects.toThrow(
      `not connected to the broker 127.0.0.1:${port}`,
    )
    await broker(port)
    await connected(early)
    expect(early.connected).toBe(true)
    await early.publish('topic', 'kept')
    await vi.waitFor(() => expect(heard).toEqual(['kept']))
  })

  it('subscribes again on every connect, before it calls its listeners', async () => {
    const first = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
    const { bus: listener, heard } = await listening(first.url, 'greeting')
    let connects = 0
    listener.onConnect(() => {
      connects++
      listener.publish('greeting', `number ${connects}`)
    })
    await vi.waitFor(() => expect(heard).toEqual(['greeting number 1']))
    await first.close()
    await vi.waitFor(() => expect(listener.connected).toBe(false))
    await broker(first.port)
    await vi.waitFor(() => expect(heard).toEqual(['greeting number 1', 'greeting number 2']), 5000)
  })

  it('rejects what is under way when the connection is lost, and never sends it by itself', async () => {
    const { port, sockets, packets } = await dumbBroker(0)
    const publisher = await bus(`mqtt://127.0.0.1:${port}`, 'publisher')
    await connected(publisher)
    const publishing = publisher.publish('topic', 'payload')
    await vi.waitFor(() => expect(packets).toEqual([1, 3]))
    sockets[0]!.destroy()
    await expect(publishing).rejects.toThrow('is lost')
    await vi.waitFor(() => expect(sockets).toHaveLength(2), 5000)
    await vi.waitFor(() => expect(publisher.connected).toBe(true))
    expect(packets).toEqual([1, 3, 1])
  })

  it('says why the broker refuses it, once, and goes on trying', async () => {
    const { port, sockets } = await dumbBroker(5)
    const { log, lines } = recordingLog()
    const refused = await bus(`mqtt://127.0.0.1:${port}`, 'refused', { log })
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(1), 5000)
    expect(refused.connected).toBe(false)
    expect(lines.filter(line => line.includes('it refuses the connection: not authorized'))).toHaveLength(1)
  })

  it('gives a broker up that has fallen silent, and connects again', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { port, sockets, packets } = await dumbBroker(0)
    const { log, lines } = recordingLog()
    await connected(await bus(`mqtt://127.0.0.1:${port}`, 'patient', { log }))
    await vi.advanceTimersByTimeAsync(30_000)
    await vi.waitFor(() => expect(packets).toContain(12))
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.waitFor(() => expect(sockets).toHaveLength(2), 5000)
    expect(lines.join()).toContain('the broker has fallen silent')
  })

  it('leaves its will when it is cut, and none when it says goodbye', async () => {
    const { url, port } = await broker()
    const { heard } = await listening(url, 'will/+')
    const will = (name: string) => ({ will: { topic: `will/${name}`, payload: 'gone' } })
    const polite = await connectBus({ url, clientId: 'polite', log: silentLog, ...will('polite') })
    await connected(polite)
    await polite.close()
    const relay = createServer(socket => {
      const onward = connect(port, '127.0.0.1')
      socket.pipe(onward).pipe(socket)
      socket.on('close', () => onward.destroy())
      sockets.push(socket)
    })
    const sockets: Socket[] = []
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    onTestFinished(() => void relay.close())
    const cut = await bus(
      `mqtt://127.0.0.1:${(relay.address() as { port: number }).port}`,
      'cut',
      will('cut'),
    )
    await connected(cut)
    sockets[0]!.destroy()
    await vi.waitFor(() => expect(heard).toEqual(['will/cut gone']))
    const dropped = await connectBus({ url, clientId: 'dropped', log: silentLog, ...will('dropped') })
    await connected(dropped)
    dropped.cut()
    await vi.waitFor(() => expect(heard).toEqual(['will/cut gone', 'will/dropped gone']))
    expect(dropped.connected).toBe(false)
  })

  it('keeps its password out of the log', async () => {
    const { log, lines } = recordingLog()
    const started = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
    const secret = await bus(started.url, 'secret', { username: 'user', password: 'hunter2', log })
    await connected(secret)
    await started.close()
    await vi.waitFor(() => expect(lines.join()).toContain('cannot be reached'), 5000)
    expect(lines.join()).not.toContain('hunter2')
  })
})

it.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/+/c', 'a/b/c', true],
  ['a/+', 'a/b/c', false],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
])('the filter %s and the topic %s: %s', (filter, topic, matches) => {
  expect(topicMatches(filter, topic)).toBe(matches)
})
