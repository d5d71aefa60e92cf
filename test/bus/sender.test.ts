import { expect, it, onTestFinished, vi } from 'vitest'
import { type Broker, startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { decodeReadingBatch } from '../../bus/codec.ts'
import type { Bus, Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { type SenderOptions, startSender, statusWill } from '../../bus/sender.ts'
import { filters, topics } from '../../bus/topics.ts'
import type { Acknowledgement, ReadingBatch, SenderStatus } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from './fixtures.ts'

const SENDER = 'gateway-north'

async function startHub(): Promise<{ broker: Broker; bus: Bus; batches: ReadingBatch[] }> {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  const bus = await connectBus({ url: broker.url, clientId: 'hub', log: silentLog })
  const batches: ReadingBatch[] = []
  await bus.subscribe(filters.allReadings, (_, payload) => batches.push(decodeReadingBatch(payload).batch))
  await new Promise<void>(resolve => bus.onConnect(resolve))
  onTestFinished(async () => {
    await bus.close()
    await broker.close()
  })
  return { broker, bus, batches }
}

async function openStream(stream: 'indexes' | 'measures' = 'measures'): Promise<Outbox<Reading>> {
  const outbox = await openOutbox<Reading>({ folder: temporaryFolder(), stream, log: silentLog })
  onTestFinished(() => outbox.close())
  return outbox
}

async function start(url: string, settings: Pick<SenderOptions, 'outboxes'> & Partial<SenderOptions>) {
  const bus = await connectBus({
    url,
    clientId: SENDER,
    will: statusWill({ sender: SENDER, role: 'gateway', registry: 'abc', time: 1 }),
    log: silentLog,
  })
  const defaults = { sender: SENDER, role: 'gateway', bus, clock: systemClock, log: silentLog }
  const sender = startSender({ ...defaults, ...settings })
  const close = async () => {
    await sender.close()
    await bus.close()
  }
  onTestFinished(close)
  await new Promise<void>(resolve => bus.onConnect(resolve))
  return { sender, bus, close }
}

function acknowledge(hub: Bus, outbox: Outbox<Reading>, answer: Partial<Acknowledgement>): Promise<void> {
  const whole = {
    version: 1,
    stream: outbox.stream,
    run: outbox.run,
    upTo: 0,
    ranges: [],
    window: 5000,
    time: systemClock.now(),
    ...answer,
  }
  return hub.publish(topics.acknowledgements(SENDER), JSON.stringify(whole))
}

const numbers = (batch: ReadingBatch) => batch.readings.points.map((_, i) => batch.first + i)

it('sends what is appended, and forgets it on the acknowledgement only', async () => {
  const { broker, bus, batches } = await startHub()
  const outbox = await openStream()
  const { sender } = await start(broker.url, { outboxes: [outbox] })
  outbox.append(readings(1, 3))
  await vi.waitFor(() => expect(batches).toHaveLength(1))
  expect(batches[0]).toMatchObject({
    sender: SENDER,
    stream: 'measures',
    run: outbox.run,
    first: 1,
    backlog: false,
  })
  expect(batches[0]!.readings.values).toEqual([1, 2, 3])
  expect(outbox.waiting).toBe(3)
  await expect(sender.drained(10)).rejects.toThrow(
    'gateway-north: not acknowledged after 10 ms: 3 in measures',
  )
  const drained = sender.drained(5000)
  await acknowledge(bus, outbox, { upTo: 3, time: systemClock.now() + 60_000 })
  await drained
  expect(outbox.waiting).toBe(0)
  expect(sender.clockOffset).toBeGreaterThan(59_000)
  expect(sender.clockOffset).toBeLessThanOrEqual(60_000)
})

it('flags what was journalled before the connection, and sends live entries past it', async () => {
  const { broker, batches } = await startHub()
  const outbox = await openStream()
  outbox.append(readings(1, 2000))
  // At 100 a second the backlog alone would take 20 s.
  await start(broker.url, {
    outboxes: [outbox],
    limits: { batchSize: 100, backlogRate: 100, flushDelayMs: 1 },
  })
  await vi.waitFor(() => expect(batches).toHaveLength(1))
  outbox.append(readings(2001, 5))
  await vi.waitFor(() => expect(batches).toHaveLength(2))
  expect(batches.map(batch => [batch.first, batch.backlog])).toEqual([
    [1, true],
    [2001, false],
  ])
})

it('spends no time of its backlog on what is acknowledged already', async () => {
  const { broker, batches } = await startHub()
  const outbox = await openStream()
  outbox.append(readings(1, 41_000))
  outbox.acknowledge(40_000, [])
  await start(broker.url, { outboxes: [outbox], limits: { backlogRate: 5000 } })
  await vi.waitFor(() => expect(batches.map(batch => batch.first)).toEqual([40_001, 40_501]), 3000)
})

it('sends again what was not acknowledged in time, without what was', async () => {
  const { broker, bus, batches } = await startHub()
  const outbox = await openStream()
  await start(broker.url, { outboxes: [outbox], limits: { acknowledgementTimeoutMs: 80 } })
  outbox.append(readings(1, 10))
  await vi.waitFor(() => expect(batches).toHaveLength(1))
  await acknowledge(bus, outbox, { upTo: 2, ranges: [[5, 6]] })
  await vi.waitFor(() => expect(outbox.waiting).toBe(6))
  batches.length = 0
  await vi.waitFor(() => expect(new Set(batches.flatMap(numbers))).toEqual(new Set([3, 4, 7, 8, 9, 10])))
})

it('sends everything again when ingest says hello, and when the broker comes back', async () => {
  const { broker, bus, batches } = await startHub()
  const outbox = await openStream()
  await start(broker.url, { outboxes: [outbox] })
  outbox.append(readings(1, 4))
  await vi.waitFor(() => expect(batches).toHaveLength(1))
  await bus.publish(topics.ingestHello, '{}')
  await vi.waitFor(() => expect(batches).toHaveLength(2))
  expect(batches[1]).toMatchObject({ first: 1, backlog: true })
  await broker.close()
  await vi.waitFor(() => expect(bus.connected).toBe(false))
  const again = await startBroker({ host: '127.0.0.1', port: broker.port, log: silentLog })
  onTestFinished(() => again.close())
  // The first copy may go out before the hub has subscribed again: only ingest's hello makes up for that.
  await new Promise<void>(resolve => bus.onConnect(resolve))
  await vi.waitFor(async () => {
    await bus.publish(topics.ingestHello, '{}')
    expect(batches.length).toBeGreaterThan(2)
  }, 5000)
  expect(numbers(batches[2]!)).toEqual([1, 2, 3, 4])
})

it('keeps within the window that ingest gives', async () => {
  const { broker, bus, batches } = await startHub()
  const outbox = await openStream()
  await start(broker.url, { outboxes: [outbox], limits: { flushDelayMs: 0 } })
  outbox.append([reading(1)])
  await vi.waitFor(() => expect(batches).toHaveLength(1))
  await acknowledge(bus, outbox, { upTo: 1, window: 7 })
  await vi.waitFor(() => expect(outbox.waiting).toBe(0))
  batches.length = 0
  outbox.append(readings(2, 100))
  let done = 1
  while (done < 101) {
    await vi.waitFor(() => expect(batches.length).toBeGreaterThan(0))
    const last = Math.max(...batches.flatMap(numbers))
    expect(last - done).toBeLessThanOrEqual(7)
    done = last
    batches.length = 0
    await acknowledge(bus, outbox, { upTo: done, window: 7 })
  }
})

it('sends the streams of higher priority first', async () => {
  const { broker, batches } = await startHub()
  const [measures, indexes] = [await openStream('measures'), await openStream('indexes')]
  measures.append(readings(1, 400))
  indexes.append(readings(1, 400))
  await start(broker.url, { outboxes: [measures, indexes], limits: { batchSize: 200 } })
  await vi.waitFor(() => expect(batches).toHaveLength(4))
  expect(batches.map(batch => batch.stream)).toEqual(['indexes', 'indexes', 'measures', 'measures'])
})

it('gives up the oldest while the hub is away, and tells it as one gap before what is left', async () => {
  const { broker, bus, batches } = await startHub()
  const outbox = await openOutbox<Reading>({
    folder: temporaryFolder(),
    stream: 'measures',
    log: silentLog,
    segmentBytes: 2048,
  })
  onTestFinished(() => outbox.close())
  for (let n = 1; n <= 200; n++) outbox.append([reading(n)])
  const { sender } = await start(broker.url, { outboxes: [outbox], outboxLimits: { maxBytes: 16_384 } })
  await vi.waitFor(() => expect(batches.at(-1)?.readings.values.at(-1)).toBe(200))
  const [first, second] = batches as [ReadingBatch, ReadingBatch]
  const [gap, ...none] = first.gaps!
  expect(none).toEqual([])
  expect(gap).toMatchObject({ range: [1, first.first - 1], reason: 'outbox-full' })
  expect(Object.values(gap!.counts).reduce((sum, count) => sum + count)).toBe(first.first - 1)
  expect(second.readings.values[0]).toBe(first.first)
  await acknowledge(bus, outbox, { upTo: 200 })
  await sender.drained(5000)
})

it('publishes its status, retained, and takes it back when it ends or is cut', async () => {
  const { broker, bus } = await startHub()
  const statuses: SenderStatus[] = []
  await bus.subscribe(filters.allStatuses, (_, payload) => statuses.push(JSON.parse(payload.toString())))
  const outbox = await openStream()
  outbox.append(readings(1, 3))
  const outboxLimits = { maxBytes: 32_768 }
  const { sender, close } = await start(broker.url, { outboxes: [outbox], outboxLimits })
  sender.setStatus({ role: 'gateway', registry: 'abc', connections: { plc: { state: 'connected' } } })
  await vi.waitFor(() => expect(statuses.at(-1)?.registry).toBe('abc'))
  expect(statuses.at(-1)).toMatchObject({
    sender: SENDER,
    role: 'gateway',
    online: true,
    connections: { plc: { state: 'connected' } },
    waiting: { measures: 3 },
    outbox: { bytes: outbox.bytes, maxBytes: 32_768, streams: { measures: { bytes: outbox.bytes } } },
  })
  await acknowledge(bus, outbox, { upTo: 1, time: systemClock.now() - 90_000 })
  await vi.waitFor(() => expect(statuses.at(-1)!.clockOffset).toBeCloseTo(-90_000, -3))
  await acknowledge(bus, outbox, { upTo: 2 })
  await vi.waitFor(() => expect(statuses.at(-1)!.clockOffset).toBeCloseTo(0, -3))
  await close()
  await vi.waitFor(() =>
    expect(statuses.at(-1)).toMatchObject({ sender: SENDER, online: false, registry: 'abc' }),
  )
})

it('says and hears nothing more once it is closed, though its bus goes on', async () => {
  const { broker, bus } = await startHub()
  const statuses: SenderStatus[] = []
  await bus.subscribe(filters.allStatuses, (_, payload) => statuses.push(JSON.parse(payload.toString())))
  const outbox = await openStream()
  outbox.append(readings(1, 3))
  const { sender, bus: own } = await start(broker.url, { outboxes: [outbox] })
  await vi.waitFor(() => expect(statuses.at(-1)?.online).toBe(true))
  await sender.close()
  await acknowledge(bus, outbox, { upTo: 3 })
  await bus.publish(topics.ingestHello, '{}')
  const heard = Promise.withResolvers<void>()
  await own.subscribe('after', () => heard.resolve())
  await bus.publish('after', '')
  await heard.promise
  await own.publish('after', '')
  expect(outbox.waiting).toBe(3)
  expect(statuses.at(-1)).toMatchObject({ sender: SENDER, online: false })
})
