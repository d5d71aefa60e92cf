import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Broker, startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Bus, Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { type SenderOptions, startSender } from '../../bus/sender.ts'
import { filters, topics } from '../../bus/topics.ts'
import { type Ingest, startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { findPeer } from '../peers/cache.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { quarantined, testQuarantine } from './hub.ts'
import { memoryStore } from './memory-store.ts'

const SENDER = 'gateway-north'
const LIMITS = { batchSize: 50, flushDelayMs: 5, acknowledgementTimeoutMs: 150, longestTimeoutMs: 300 }

/** The way of a reading from outbox to store, of which every part can be stopped and started. */
async function startWay(url: string, store: ReadingStore) {
  const folder = temporaryFolder()
  const quarantine = await testQuarantine()
  const started: { ingest?: Ingest; hubBus?: Bus } = {}
  const outbox = await openOutbox<Reading>({
    folder,
    stream: 'measures',
    log: silentLog,
    segmentBytes: 20_000,
  })
  const bus = await connectBus({ url, clientId: SENDER, log: silentLog })
  const settings: SenderOptions = {
    sender: SENDER,
    role: 'gateway',
    bus,
    outboxes: [outbox],
    clock: systemClock,
    log: silentLog,
    limits: LIMITS,
  }
  const sender = startSender(settings)
  async function startHub(): Promise<void> {
    started.hubBus = await connectBus({ url, clientId: 'hub', log: silentLog })
    const hub = { bus: started.hubBus, store, quarantine, clock: systemClock, log: silentLog }
    started.ingest = await startIngest({ ...hub, collectMs: 5 })
  }
  async function stopHub(): Promise<void> {
    await started.ingest?.close()
    await started.hubBus?.close()
  }
  await startHub()
  onTestFinished(async () => {
    await sender.close()
    await bus.close()
    await outbox.close()
    await stopHub()
  })
  return { outbox, sender, bus, started, quarantine, startHub, stopHub }
}

/** Appends `count` entries, some at a time, and runs an incident in the middle. */
async function appendThrough(outbox: Outbox<Reading>, count: number, incident: () => Promise<void>) {
  const goal = outbox.next + count
  const middle = outbox.next + Math.floor(count / 2)
  let happened: Promise<void> | undefined
  while (outbox.next < goal) {
    outbox.append(readings(outbox.next, Math.min(17, goal - outbox.next)))
    if (outbox.next >= middle) happened ??= incident()
    await new Promise(setImmediate)
  }
  await happened
}

async function embedded(): Promise<{ broker: Broker; restart(): Promise<void> }> {
  let broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  const { port } = broker
  onTestFinished(() => broker.close())
  return {
    broker,
    async restart() {
      await broker.close()
      broker = await startBroker({ host: '127.0.0.1', port, log: silentLog })
    },
  }
}

/** Every number up to the last is the value of one reading. */
function expectEach(store: ReturnType<typeof memoryStore>, last: number): void {
  const values = store.readings().map(({ value }) => value)
  const stored = new Set(values)
  expect(Array.from({ length: last }, (_, i) => i + 1).filter(n => !stored.has(n))).toEqual([])
  expect(values).toHaveLength(last)
}

describe('every reading is stored once although', () => {
  it('the broker stops and starts', async () => {
    const { broker, restart } = await embedded()
    const store = memoryStore()
    const { outbox, sender } = await startWay(broker.url, store)
    for (const _ of [1, 2]) await appendThrough(outbox, 1000, restart)
    await sender.drained(20_000)
    expectEach(store, 2000)
  })

  it('ingest stops and starts', async () => {
    const { broker } = await embedded()
    const store = memoryStore()
    const { outbox, sender, startHub, stopHub } = await startWay(broker.url, store)
    await appendThrough(outbox, 2000, async () => {
      await stopHub()
      outbox.append(readings(outbox.next, 300))
      await startHub()
    })
    await sender.drained(20_000)
    expectEach(store, outbox.next - 1)
  })

  it('the store is away for a while and loses an answer', async () => {
    const { broker } = await embedded()
    const store = memoryStore()
    const { outbox, sender, started } = await startWay(broker.url, store)
    await appendThrough(outbox, 2000, async () => {
      store.unavailable = true
      await vi.waitFor(() => expect(started.ingest!.stats().retries).toBeGreaterThan(1), 5000)
      store.unavailable = false
      store.loseNextAnswer = true
    })
    await sender.drained(20_000)
    expectEach(store, 2000)
  })

  it('batches come twice and out of order, behind poison', async () => {
    const { broker } = await embedded()
    const store = memoryStore()
    const far = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
    onTestFinished(() => far.close())
    await shuffleBetween(broker.url, far.url)
    const { outbox, sender, quarantine } = await startWay(far.url, store)
    // The sender is on one broker and ingest on the other; what joins them keeps no order.
    const near = await connectBus({ url: broker.url, clientId: 'near', log: silentLog })
    const nearSender = startSender({
      sender: 'gateway-south',
      role: 'gateway',
      bus: near,
      outboxes: [await southOutbox()],
      clock: systemClock,
      log: silentLog,
      limits: LIMITS,
    })
    onTestFinished(async () => {
      await nearSender.close()
      await near.close()
    })
    await appendThrough(outbox, 500, async () => {})
    await sender.drained(20_000)
    await nearSender.drained(20_000)
    expectEach(store, 1500)
    expect(quarantined(quarantine).map(({ kind }) => kind)).toEqual(['malformed'])
  })
})

/** An outbox with the entries 501 to 1500 in its backlog. */
async function southOutbox(): Promise<Outbox<Reading>> {
  const outbox = await openOutbox<Reading>({ folder: temporaryFolder(), stream: 'measures', log: silentLog })
  onTestFinished(() => outbox.close())
  for (let n = 501; n <= 1500; n += 10) outbox.append(readings(n, 10))
  return outbox
}

/** Joins two brokers: batches pass in pairs, the later one first and twice, after a poisoned one; answers pass back. */
async function shuffleBetween(near: string, far: string): Promise<void> {
  const [nearBus, farBus] = await Promise.all([
    connectBus({ url: near, clientId: 'relay', log: silentLog }),
    connectBus({ url: far, clientId: 'relay', log: silentLog }),
  ])
  onTestFinished(async () => {
    await nearBus.close()
    await farBus.close()
  })
  await Promise.all([nearBus, farBus].map(bus => new Promise<void>(resolve => bus.onConnect(resolve))))
  let held: Buffer | undefined
  let poisoned = false
  await nearBus.subscribe(filters.allReadings, (topic, payload) => {
    if (!poisoned) farBus.publish(topic, 'poison')
    poisoned = true
    if (!held) {
      held = payload
      return
    }
    farBus.publish(topic, payload)
    farBus.publish(topic, payload)
    farBus.publish(topic, held)
    held = undefined
  })
  await farBus.subscribe(topics.acknowledgements('gateway-south'), (topic, payload) => {
    nearBus.publish(topic, payload)
  })
}

it('the store is away for long while several senders have much to send: the queue keeps its bound', async () => {
  const { broker } = await embedded()
  const store = memoryStore()
  store.unavailable = true
  const queueBytes = 30_000
  const hubBus = await connectBus({ url: broker.url, clientId: 'hub', log: silentLog })
  const quarantine = await testQuarantine()
  const parts = { bus: hubBus, store, quarantine, clock: systemClock, log: silentLog }
  const ingest = await startIngest({ ...parts, collectMs: 5, queueBytes })
  onTestFinished(async () => {
    await ingest.close()
    await hubBus.close()
  })
  const senders = await Promise.all(
    ['north', 'south', 'west'].map(async (name, i) => {
      const outbox = await openOutbox<Reading>({
        folder: temporaryFolder(),
        stream: 'measures',
        log: silentLog,
      })
      for (let n = 1; n <= 2000; n += 50) outbox.append(readings(i * 2000 + n, 50))
      const bus = await connectBus({ url: broker.url, clientId: name, log: silentLog })
      const settings = { sender: name, role: 'gateway', bus, outboxes: [outbox], limits: LIMITS }
      const sender = startSender({ ...settings, clock: systemClock, log: silentLog })
      onTestFinished(async () => {
        await sender.close()
        await bus.close()
        await outbox.close()
      })
      return sender
    }),
  )
  let most = 0
  await vi.waitFor(
    () => {
      most = Math.max(most, ingest.waitingBytes())
      expect(ingest.stats().dropped).toBeGreaterThan(300)
      expect(ingest.stats().retries).toBeGreaterThan(3)
    },
    { timeout: 20_000, interval: 1 },
  )
  expect(most).toBeGreaterThan(queueBytes / 2)
  expect(most).toBeLessThanOrEqual(queueBytes)
  store.unavailable = false
  await Promise.all(senders.map(sender => sender.drained(20_000)))
  expectEach(store, 6000)
  expect(ingest.waitingBytes()).toBe(0)
})

it('live readings arrive while a backlog is under way', async () => {
  const { broker } = await embedded()
  const store = memoryStore()
  const folder = temporaryFolder()
  const before = await openOutbox<Reading>({ folder, stream: 'measures', log: silentLog })
  for (let n = 1; n <= 20_000; n += 100) before.append(readings(n, 100))
  await before.close()
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log: silentLog })
  const [bus, hubBus] = await Promise.all(
    ['gateway', 'hub'].map(clientId => connectBus({ url: broker.url, clientId, log: silentLog })),
  )
  const settings = {
    bus: hubBus!,
    store,
    quarantine: await testQuarantine(),
    clock: systemClock,
    log: silentLog,
  }
  const ingest = await startIngest({ ...settings, collectMs: 5 })
  const limits = { backlogRate: 5000 }
  const sender = startSender({
    sender: SENDER,
    role: 'gateway',
    bus: bus!,
    outboxes: [outbox],
    clock: systemClock,
    log: silentLog,
    limits,
  })
  onTestFinished(async () => {
    await sender.close()
    await ingest.close()
    await Promise.all([bus!.close(), hubBus!.close(), outbox.close()])
  })
  await vi.waitFor(() => expect(store.readings().length).toBeGreaterThan(0))
  const live = new Promise<void>(resolve => {
    ingest.onStored(({ values }) => values.includes(20_001) && resolve())
  })
  outbox.append([reading(20_001)])
  await live
  expect(store.readings().length).toBeLessThan(15_000)
  await sender.drained(20_000)
  expect(store.readings()).toHaveLength(20_001)
})

it('readings pass into the embedded store and come out as they were', async () => {
  const { broker, restart } = await embedded()
  const file = join(temporaryFolder(), 'readings.duckdb')
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log: silentLog })
  onTestFinished(() => store.close())
  const { outbox, sender } = await startWay(broker.url, store)
  await appendThrough(outbox, 3000, restart)
  await sender.drained(20_000)
  const stored = await Promise.all(
    Array.from({ length: 7 }, (_, i) => store.range(reading(i).point, 0, Number.MAX_SAFE_INTEGER, 10_000)),
  )
  expect(stored.flat().sort((a, b) => a.time - b.time)).toEqual(readings(1, 3000))
  expect(await store.positions()).toMatchObject([{ sender: SENDER, upTo: 3000, ranges: [] }])
})

it.runIf(findPeer('mosquitto'))('readings pass through Mosquitto, stopped on the way', async () => {
  const mosquitto = await startMosquitto()
  onTestFinished(() => mosquitto.close())
  const store = memoryStore()
  const { outbox, sender } = await startWay(mosquitto.url, store)
  await appendThrough(outbox, 2000, async () => {
    await mosquitto.stop()
    await mosquitto.start()
  })
  await sender.drained(20_000)
  expectEach(store, 2000)
})
