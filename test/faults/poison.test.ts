import { expect, it, onTestFinished, vi } from 'vitest'
import { encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { startIngest } from '../../ingest/ingest.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { reading, readings, silentLog, systemClock } from '../bus/fixtures.ts'
import { acknowledgements, quarantined, startHub } from '../ingest/hub.ts'
import { memoryStore } from '../ingest/memory-store.ts'

const SENDER = 'gw'
const BATCH = 5
/** A value on which the store fails. */
const REFUSED = -13
/** Stored before everything else. */
const FIRST = reading(1)

function batch(first: number, entries: readonly Reading[]): string {
  return encodeReadingBatch({
    version: 1,
    sender: SENDER,
    stream: 'measures',
    run: 'r',
    first,
    sent: systemClock.now(),
    backlog: false,
    readings: toColumns(entries),
  })
}

async function start() {
  const hub = await startHub()
  const store = memoryStore()
  store.isPoison = ({ value }) => value === REFUSED
  const answers = await acknowledgements(hub.gateway, SENDER)
  const ingest = await startIngest({ ...hub, store, clock: systemClock, log: silentLog, collectMs: 5 })
  onTestFinished(() => ingest.close())
  const send = async (first: number, entries: readonly Reading[]) => {
    await hub.gateway.publish(topics.readings(SENDER), batch(first, entries))
    await vi.waitFor(() => expect(answers.at(-1)?.upTo).toBe(first + entries.length - 1), 5000)
  }
  await send(1, [FIRST])
  return { ...hub, store, answers, send }
}

it.each<[string, Partial<Reading>, string]>([
  ['is not sound', { quality: 'nonsense' as never }, 'rejected'],
  ['makes the store fail', { value: REFUSED }, 'refused'],
  ['contradicts what is stored', { point: FIRST.point, time: FIRST.time }, 'conflict'],
])('a reading that %s is set aside alone, wherever it stands in its batch', async (_, poison, kind) => {
  const { store, send, quarantine } = await start()
  const sound: Reading[] = [FIRST]
  const poisoned: number[] = []
  for (let position = 0; position < BATCH; position++) {
    const first = 2 + position * BATCH
    const entries = readings(first, BATCH)
    poisoned.push(first + position)
    sound.push(...entries.toSpliced(position, 1))
    await send(first, entries.with(position, { ...entries[position]!, ...poison }))
  }
  expect(store.readings().toSorted((a, b) => a.time - b.time)).toEqual(sound)
  const items = quarantined(quarantine)
  expect(items.map(item => [item.kind, item.first, item.last])).toEqual(poisoned.map(n => [kind, n, n]))
  const counts = await store.ledger(0, Number.MAX_SAFE_INTEGER)
  const total = (outcomes: readonly string[]) =>
    counts.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { count }) => sum + count, 0)
  expect([total(['prompt', 'late']), total(['quarantined'])]).toEqual([sound.length, BATCH])
})

it('a message that cannot be read is set aside, wherever it comes among batches', async () => {
  const { store, gateway, answers, quarantine } = await start()
  const topic = topics.readings(SENDER)
  for (let position = 0; position <= BATCH; position++) {
    for (let i = 0; i <= BATCH; i++) {
      if (i === position) await gateway.publish(topic, `poison ${position}`)
      const first = 2 + (position * (BATCH + 1) + i) * 3
      await gateway.publish(topic, batch(first, readings(first, 3)))
    }
  }
  const last = 1 + (BATCH + 1) ** 2 * 3
  await vi.waitFor(() => expect(answers.at(-1)).toMatchObject({ upTo: last, ranges: [] }), 5000)
  expect(store.readings()).toEqual(readings(1, last))
  expect(quarantined(quarantine).map(({ payload }) => payload)).toEqual(
    Array.from({ length: BATCH + 1 }, (_, position) => `poison ${position}`),
  )
})
