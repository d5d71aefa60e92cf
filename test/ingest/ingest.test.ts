import { expect, it, onTestFinished, vi } from 'vitest'
import { decodeReadingBatch, encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { type IngestOptions, startIngest } from '../../ingest/ingest.ts'
import { windowFor } from '../../ingest/receiver.ts'
import type { Gap, ReadingBatch } from '../../model/delivery.ts'
import { type Reading, readingAt, toColumns } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import { reading, readings, silentLog, systemClock } from '../bus/fixtures.ts'
import { acknowledgements, connect, quarantined, startHub } from './hub.ts'
import { memoryStore } from './memory-store.ts'

const SENDER = 'gateway-north'
const topic = topics.readings(SENDER)
/** For a thousand messages on a busy machine, ms. */
const PATIENCE = 20_000

function batchOf(first: number, entries: readonly Reading[], fields: Partial<ReadingBatch> = {}): string {
  const sent = systemClock.now()
  const envelope = {
    version: 1,
    sender: SENDER,
    stream: 'measures',
    run: 'r',
    first,
    sent,
    backlog: false,
  } as const
  return encodeReadingBatch({ ...envelope, readings: toColumns(entries), ...fields } as ReadingBatch)
}

async function start(settings: Partial<IngestOptions> = {}) {
  const hub = await startHub()
  const store = memoryStore()
  const answers = await acknowledgements(hub.gateway, SENDER)
  const options = { ...hub, store, clock: systemClock, log: silentLog, collectMs: 5, ...settings }
  const ingest = await startIngest(options)
  onTestFinished(() => ingest.close())
  const accounted = (upTo: number) => vi.waitFor(() => expect(answers.at(-1)?.upTo).toBe(upTo), 5000)
  return { ...hub, store, ingest, answers, accounted, items: () => quarantined(hub.quarantine) }
}

it('stores a batch, then acknowledges it with the window and the time', async () => {
  const { gateway, store, ingest, answers, accounted } = await start({ window: 900 })
  const stored: unknown[] = []
  ingest.onStored(() => {
    throw new Error('a poor listener')
  })
  ingest.onStored(({ values }) => stored.push(...values))
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await accounted(5)
  expect(store.readings()).toEqual(readings(1, 5))
  expect(stored).toEqual([1, 2, 3, 4, 5])
  expect(answers[0]).toMatchObject({ version: 1, stream: 'measures', run: 'r', ranges: [] })
  expect(answers[0]!.window).toBeGreaterThanOrEqual(890)
  expect(Math.abs(answers[0]!.time - systemClock.now())).toBeLessThan(10_000)
  expect(await store.positions()).toEqual([
    { sender: SENDER, stream: 'measures', run: 'r', upTo: 5, ranges: [] },
  ])
})

it('acknowledges a repetition again, without another write', async () => {
  const { gateway, store, ingest, answers, accounted } = await start()
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await accounted(5)
  const { writes } = store
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  expect(answers[1]!.upTo).toBe(5)
  expect(store.writes).toBe(writes)
  expect(ingest.stats()).toMatchObject({ batches: 2, received: 10, written: 5, repeated: 5 })
})

it('answers a batch without entries with its time, and stores nothing', async () => {
  const { gateway, store, answers } = await start()
  await gateway.publish(topic, batchOf(1, []))
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  expect(answers[0]).toMatchObject({ stream: 'measures', run: 'r', upTo: 0, ranges: [] })
  expect(Math.abs(answers[0]!.time - systemClock.now())).toBeLessThan(10_000)
  expect(await store.positions()).toEqual([])
})

it('takes batches in any order and says which numbers it has', async () => {
  const { gateway, answers, accounted } = await start()
  await gateway.publish(topic, batchOf(4, readings(4, 2)))
  await vi.waitFor(() => expect(answers.at(-1)).toMatchObject({ upTo: 0, ranges: [[4, 5]] }))
  await gateway.publish(topic, batchOf(1, readings(1, 3)))
  await accounted(5)
})

it('groups what arrives together into one write', async () => {
  const { gateway, store, accounted } = await start({ collectMs: 300 })
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      gateway.publish(topic, batchOf(i * 10 + 1, readings(i * 10 + 1, 10))),
    ),
  )
  await accounted(500)
  expect(store.readings()).toHaveLength(500)
  expect(store.writes).toBeLessThanOrEqual(2)
})

it('waits no longer for others when a sender has filled a quarter of its window, in however small messages', async () => {
  const { gateway, store, accounted } = await start({ collectMs: 1e9, window: 20 })
  for (let number = 1; number <= 5; number++) await gateway.publish(topic, batchOf(number, [reading(number)]))
  await accounted(5)
  expect(store.readings()).toEqual(readings(1, 5))
  expect(store.writes).toBe(1)
})

it('writes what came during a write together with what follows, and not as soon as that write is done', async () => {
  const released = Promise.withResolvers<void>()
  const store = memoryStore()
  const held = {
    ...store,
    async write(...written: Parameters<typeof store.write>) {
      await released.promise
      return store.write(...written)
    },
  }
  const { gateway, ingest, accounted } = await start({ store: held, collectMs: 1e9, window: 20 })
  const send = (number: number) => gateway.publish(topic, batchOf(number, [reading(number)]))
  for (let number = 1; number <= 7; number++) await send(number)
  await vi.waitFor(() => expect(ingest.stats().batches).toBe(7))
  released.resolve()
  await accounted(5)
  for (let number = 8; number <= 10; number++) await send(number)
  await accounted(10)
  expect(store.writes).toBe(2)
})

it('hears on a connection of its own, where others hear the same, and asks to send again when that one is new', async () => {
  const hub = await startHub()
  const readingsBus = await connect(hub.broker.url, 'readings')
  const store = memoryStore()
  const options = { ...hub, readingsBus, store, clock: systemClock, log: silentLog }
  const ingest = await startIngest({ ...options, collectMs: 1e9, window: 20 })
  onTestFinished(() => ingest.close())
  const heard: Reading[] = []
  await readingsBus.subscribe(topic, (_, payload) => {
    const { readings } = decodeReadingBatch(payload).batch
    heard.push(...readings.points.map((_, index) => readingAt(readings, index)))
  })
  const greetings: string[] = []
  await hub.gateway.subscribe(topics.ingestHello, (_, payload) => void greetings.push(payload.toString()))
  const answers = await acknowledgements(hub.gateway, SENDER)
  for (let number = 1; number <= 5; number++)
    await hub.gateway.publish(topic, batchOf(number, [reading(number)]))
  await vi.waitFor(() => expect(answers.at(-1)?.upTo).toBe(5))
  expect(store.readings()).toEqual(readings(1, 5))
  expect(heard).toEqual(readings(1, 5))
  expect(greetings).toEqual([])
  readingsBus.renew()
  await vi.waitFor(() => expect(greetings).toHaveLength(1))
})

it('stores the sound readings of a batch and quarantines the others under their numbers', async () => {
  const { gateway, store, ingest, accounted, items } = await start()
  const wrong = { ...reading(2), time: 0.5 }
  await gateway.publish(topic, batchOf(1, [reading(1), wrong, reading(3)]))
  await accounted(3)
  expect(store.readings()).toEqual([reading(1), reading(3)])
  expect(items()).toMatchObject([
    { kind: 'rejected', sender: SENDER, stream: 'measures', run: 'r', first: 2, last: 2, payload: wrong },
  ])
  expect(ingest.stats().quarantined).toBe(1)
})

it('is not blocked by poison in front, of whatever kind', async () => {
  const { gateway, store, answers, accounted, items } = await start()
  await gateway.publish(topic, Buffer.from([0xff, 0xfe, 0]))
  await gateway.publish(topic, '{"version":1')
  await gateway.publish(topic, batchOf(1, readings(1, 5), { sent: -1 }))
  await gateway.publish(topic, batchOf(6, readings(6, 5), { sender: 'gateway-south' }))
  await gateway.publish(topic, batchOf(6, readings(6, 5)))
  await accounted(10)
  expect(store.readings()).toEqual(readings(6, 5))
  expect(items().map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^not JSON/),
    expect.stringMatching(/^not JSON/),
    'sent -1 is not a time in ms UTC',
    'sender is gateway-south, the topic is that of gateway-north',
  ])
  const [bytes, , counted] = items()
  expect(bytes).toMatchObject({ kind: 'malformed', topic, payload: { base64: '//4A' } })
  expect(counted).toMatchObject({ stream: 'measures', run: 'r', first: 1, last: 5 })
  expect(JSON.parse(counted!.payload).readings.values).toEqual([1, 2, 3, 4, 5])
  expect(answers.every(answer => answer.run === 'r')).toBe(true)
})

it('quarantines what the store holds otherwise, and tells nobody that it is stored', async () => {
  const { gateway, store, ingest, accounted, items } = await start()
  const stored: unknown[] = []
  ingest.onStored(({ values }) => stored.push(...values))
  await store.write(toColumns([{ ...reading(2), value: -99 }]), [])
  await gateway.publish(topic, batchOf(1, readings(1, 3)))
  await accounted(3)
  expect(items()).toMatchObject([{ kind: 'conflict', first: 2, last: 2, payload: reading(2) }])
  expect(stored).toEqual([1, 3])
})

it('quarantines a reading on which the store fails, under its number', async () => {
  const { gateway, store, accounted, items } = await start({ collectMs: 100 })
  store.isPoison = ({ value }) => value === 7
  await gateway.publish(topic, batchOf(1, readings(1, 3)))
  await gateway.publish(topic, batchOf(4, [{ ...reading(4), value: null }, ...readings(5, 5)]))
  await accounted(9)
  expect(store.readings().map(({ value }) => value)).toEqual([1, 2, 3, 5, 6, 8, 9])
  expect(items().map(({ kind, first }) => [kind, first])).toEqual([
    ['rejected', 4],
    ['refused', 7],
  ])
})

it('acknowledges nothing while the store is away, and all when it is back', async () => {
  const { gateway, store, ingest, answers, accounted } = await start()
  store.unavailable = true
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await vi.waitFor(() => expect(ingest.stats().retries).toBeGreaterThan(1))
  await gateway.publish(topic, batchOf(6, readings(6, 5)))
  expect(answers).toEqual([])
  store.unavailable = false
  await accounted(10)
  expect(store.readings()).toEqual(readings(1, 10))
})

it('begins while the store is away, keeps no more than its queue, and goes on where the store stands', async () => {
  const store = memoryStore()
  await store.write(toColumns(readings(1, 5)), [
    { sender: SENDER, stream: 'measures', run: 'r', upTo: 5, ranges: [] },
  ])
  store.unavailable = true
  const { gateway, ingest, answers, accounted } = await start({
    store,
    queueBytes: 2.5 * batchOf(11, readings(11, 10)).length,
  })
  for (let first = 1; first <= 91; first += 10)
    await gateway.publish(topic, batchOf(first, readings(first, 10)))
  await vi.waitFor(() => expect(ingest.stats()).toMatchObject({ batches: 10, received: 20, dropped: 8 }))
  await vi.waitFor(() => expect(ingest.stats().retries).toBeGreaterThan(1))
  expect([answers, ingest.streams()]).toEqual([[], []])
  store.unavailable = false
  await accounted(20)
  expect(ingest.stats()).toMatchObject({ written: 15, repeated: 5 })
  expect(ingest.streams()).toMatchObject([{ sender: SENDER, missing: 0 }])
})

it('counts nothing twice when the answer of the store is lost', async () => {
  const { gateway, store, accounted } = await start()
  store.loseNextAnswer = true
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await accounted(5)
  expect(store.readings()).toEqual(readings(1, 5))
})

it('leaves unread what is beyond its queue, to come again', async () => {
  const batchBytes = batchOf(11, readings(11, 10)).length
  const queueBytes = 2.5 * batchBytes
  const { gateway, store, ingest, answers, accounted } = await start({ queueBytes, window: 2000 })
  store.unavailable = true
  for (let first = 1; first <= 91; first += 10)
    await gateway.publish(topic, batchOf(first, readings(first, 10)))
  await vi.waitFor(() => expect(ingest.stats()).toMatchObject({ batches: 10, received: 20, dropped: 8 }))
  expect(ingest.waitingBytes()).toBeGreaterThan(batchBytes)
  expect(ingest.waitingBytes()).toBeLessThan(queueBytes)
  store.unavailable = false
  await accounted(20)
  expect(store.readings()).toEqual(readings(1, 20))
  expect(answers[0]!.window).toBeLessThan(2000)
  for (let first = 21; first <= 91; first += 10) {
    await gateway.publish(topic, batchOf(first, readings(first, 10)))
    await accounted(first + 9)
  }
})

it('takes a message that is longer than its queue when nothing else waits', async () => {
  const { gateway, accounted } = await start({ queueBytes: 100 })
  await gateway.publish(topic, batchOf(1, readings(1, 10)))
  await accounted(10)
})

it('keeps the beginning of a message that is much too long, and goes on', async () => {
  const { gateway, accounted, items } = await start()
  await gateway.publish(topic, Buffer.alloc(17 * 1024 ** 2, 'x'))
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await accounted(5)
  const [item] = items()
  expect(item).toMatchObject({ kind: 'malformed', truncated: true, payload: 'x'.repeat(1000) })
  expect(item!.reason).toBe('has 17825792 bytes, more than 16777216')
})

it('remembers no more runs of a sender than an honest one has', async () => {
  const { gateway, store, items, answers } = await start()
  for (let run = 1; run <= 1003; run++)
    void gateway.publish(topic, batchOf(1, [reading(run)], { run: `mad-${run}` }))
  await vi.waitFor(() => expect(items()).toHaveLength(3), PATIENCE)
  // What is refused is set aside before what is taken is stored.
  await vi.waitFor(async () => expect(await store.positions()).toHaveLength(1000), PATIENCE)
  expect(items()[0]).toMatchObject({ kind: 'refused', run: 'mad-1001', payload: null })
  expect(answers.map(({ run }) => run)).not.toContain('mad-1001')
  await gateway.publish(topic, batchOf(2, [reading(2000)], { run: 'mad-7' }))
  await vi.waitFor(() => expect(answers.at(-1)).toMatchObject({ run: 'mad-7', upTo: 2 }), PATIENCE)
  await gateway.publish(topics.readings('south'), batchOf(1, [reading(3000)], { sender: 'south' }))
  await vi.waitFor(async () => expect(await store.positions()).toHaveLength(1001), PATIENCE)
})

it('takes no batch that would leave a thousand holes, until some are closed', async () => {
  const { gateway, ingest, answers } = await start()
  for (let n = 2; n <= 2004; n += 2) void gateway.publish(topic, batchOf(n, [reading(n)]))
  await vi.waitFor(() => expect(ingest.stats()).toMatchObject({ batches: 1002, dropped: 2 }), PATIENCE)
  await vi.waitFor(() => expect(answers.at(-1)!.ranges).toHaveLength(1000), PATIENCE)
  await gateway.publish(topic, batchOf(3, [reading(3)]))
  await gateway.publish(topic, batchOf(2002, [reading(2002)]))
  await vi.waitFor(() => expect(answers.at(-1)!.ranges.at(-1)).toEqual([2002, 2002]), PATIENCE)
})

it('takes announced gaps for accounted for, and keeps what they say', async () => {
  const { gateway, ingest, accounted, items } = await start()
  const gap: Gap = { range: [1, 9], from: 5, to: 6, counts: { 'a/b/c': 9 }, reason: 'outbox-full' }
  await gateway.publish(topic, batchOf(10, [], { gaps: [gap] }))
  await accounted(9)
  await gateway.publish(topic, batchOf(10, readings(10, 1), { gaps: [gap] }))
  await accounted(10)
  expect(items()).toMatchObject([{ kind: 'gap', reason: 'outbox-full', first: 1, last: 9, payload: gap }])
  expect(ingest.stats()).toMatchObject({ lost: 9, quarantined: 0 })
})

it('keeps in the ledger, once, what became of every number, and counts it by stream', async () => {
  const arrived = systemClock.now()
  const clock = { ...systemClock, now: () => arrived }
  const { gateway, store, ingest, answers, accounted } = await start({ clock })
  const hour = arrived - (arrived % HOUR_MS)
  const at = (n: number, time: number): Reading => ({ ...reading(n), point: 'a/b/c', time })
  await store.write(toColumns([{ ...at(0, hour + 1), value: -99 }]), [])
  const gap: Gap = { range: [1, 9], from: hour, to: hour, counts: {}, reason: 'outbox-full' }
  const entries = [at(10, hour), at(11, hour + 1), at(12, 0.5), at(13, hour - 2 * HOUR_MS)]
  const batch = batchOf(10, entries, { gaps: [gap] })
  store.loseNextAnswer = true
  for (let sent = 1; sent <= 2; sent++) {
    await gateway.publish(topic, batch)
    await vi.waitFor(() => expect(answers).toHaveLength(sent))
  }
  await accounted(13)
  await gateway.publish(topic, batchOf(16, [at(16, hour + 2)]))
  await vi.waitFor(() => expect(answers.at(-1)!.ranges).toEqual([[16, 16]]))
  const of = { sender: SENDER, stream: 'measures', hour }
  expect(await store.ledger(0, Infinity)).toEqual([
    { ...of, outcome: 'outbox-full', count: 9 },
    { ...of, outcome: 'prompt', count: 2 },
    { ...of, outcome: 'quarantined', count: 2 },
    { ...of, hour: hour - 2 * HOUR_MS, outcome: 'late', count: 1 },
  ])
  const counts = { prompt: 2, late: 1, quarantined: 2, 'outbox-full': 9, corrupt: 0, released: 0 }
  expect(ingest.streams()).toEqual([{ sender: SENDER, stream: 'measures', counts, missing: 2 }])
})

it('goes on after a restart where the store stands, and greets the senders', async () => {
  const { bus, gateway, store, ingest, accounted, quarantine } = await start()
  await gateway.publish(topic, batchOf(1, readings(1, 5)))
  await accounted(5)
  await ingest.close()
  const hellos: string[] = []
  await gateway.subscribe(topics.ingestHello, (_, payload) => hellos.push(payload.toString()))
  const again = await startIngest({
    bus,
    store,
    clock: systemClock,
    log: silentLog,
    quarantine,
    collectMs: 5,
  })
  onTestFinished(() => again.close())
  await vi.waitFor(() => expect(hellos).toHaveLength(1))
  await gateway.publish(topic, batchOf(6, readings(6, 5)))
  await accounted(10)
  expect(ingest.stats().batches).toBe(1)
})

it('makes the window smaller the more is waiting', () => {
  expect([0, 50, 99, 100, 200].map(waiting => windowFor(waiting, 100, 4000, 10))).toEqual([
    4000, 2000, 500, 500, 500,
  ])
  expect(windowFor(100, 100, 200, 10)).toBe(200)
  expect([1, 2, 4, 5, 10, 1000].map(streams => windowFor(0, 100, 4000, streams))).toEqual([
    16_000, 16_000, 10_000, 8000, 4000, 4000,
  ])
})
