import { expect, it, onTestFinished } from 'vitest'
import { encodeReadingBatch } from '../../bus/codec.ts'
import { type ReplayOptions, replayQuarantine } from '../../ingest/replay.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { toColumns } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import type { QuarantineItem } from '../../store/quarantine.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { closeLater } from '../close-later.ts'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { quarantined, testQuarantine } from './hub.ts'
import { memoryStore } from './memory-store.ts'

const ARRIVED = reading(1).time
const HOUR = ARRIVED - (ARRIVED % HOUR_MS)
const stream = { sender: 'gateway', stream: 'measures', run: 'r' } as const

function item(n: number, more: Partial<QuarantineItem> = {}): QuarantineItem {
  const numbers = { first: n, last: n, counted: 1 }
  return {
    kind: 'refused',
    reason: 'disk',
    time: ARRIVED,
    ...stream,
    ...numbers,
    payload: reading(n),
    ...more,
  }
}

function malformed(first: number, count: number, more: Partial<QuarantineItem> = {}): QuarantineItem {
  const batch = { version: 1, ...stream, first, sent: ARRIVED, backlog: false } as const
  const payload = encodeReadingBatch({ ...batch, readings: toColumns(readings(first, count)) })
  const numbers = { first, last: first + count - 1, counted: count }
  const topic = 'affluent/v1/gateway/readings'
  return { kind: 'malformed', reason: 'sent', time: ARRIVED, topic, ...stream, ...numbers, payload, ...more }
}

async function start(items: readonly QuarantineItem[], store: ReadingStore = memoryStore()) {
  const quarantine = await testQuarantine()
  await quarantine.append(items)
  const told: unknown[] = []
  const records = openRecordStore({ file: `${temporaryFolder()}/records.sqlite` })
  onTestFinished(() => records.close())
  const options: ReplayOptions = {
    quarantine,
    store,
    records: async () => records,
    filter: {},
    refused: new Map(),
    unitOf: () => 'm3',
    clock: systemClock,
    onStored: ({ values }) => void told.push(...values),
  }
  const replay = (more: Partial<ReplayOptions> = {}) => replayQuarantine({ ...options, ...more })
  return { quarantine, store, records, told, replay }
}

const released = (ledger: readonly LedgerEntry[]) => ledger.filter(({ outcome }) => outcome === 'released')

it('keeps what was set aside under another unit than the registry has now, until somebody says which it is', async () => {
  const store = memoryStore()
  const inUnit = (n: number, unit: string) => item(n, { payload: { ...reading(n), unit } })
  const { replay } = await start([inUnit(1, 'm3'), inUnit(2, 'L')], store)
  const { point } = reading(2)
  const reason = `the registry had ${point} in L when this was set aside, and has it in m3 now: if the number is in m3 all the same, replay it with --unit m3`
  expect(await replay()).toEqual({ released: 1, failed: [{ reason, items: 1, id: 2 }] })
  expect(await replay({ unit: 'L' })).toMatchObject({ released: 0 })
  expect(await replay({ unit: 'm3' })).toEqual({ released: 1, failed: [] })
  expect(store.readings()).toEqual([reading(1), reading(2)])
})

it('stores what can be stored now, marks it, and moves it from quarantined to received once', async () => {
  const store = memoryStore()
  const { quarantine, told, replay } = await start([item(1), item(2), malformed(10, 5)], store)
  expect(await replay()).toEqual({ released: 3, failed: [] })
  expect(store.readings()).toEqual([reading(1), reading(2), ...readings(10, 5)])
  expect(told).toEqual([1, 2, 10, 11, 12, 13, 14])
  expect(quarantined(quarantine)).toMatchObject(Array(3).fill({ released: expect.any(Number) }))
  expect(quarantine.totals()).toMatchObject([
    { kind: 'malformed', released: 1 },
    { kind: 'refused', released: 2 },
  ])
  const ledger = [{ sender: 'gateway', stream: 'measures', hour: HOUR, outcome: 'released', count: 7 }]
  expect(await store.ledger(0, Infinity)).toEqual(ledger)
  expect(await replay()).toEqual({ released: 0, failed: [] })
  await quarantine.append([item(1)])
  expect(await replay({ filter: { id: 1 } })).toEqual({ released: 0, failed: [] })
  expect(await store.ledger(0, Infinity)).toEqual(ledger)
})

it('tries only what is chosen', async () => {
  const store = memoryStore()
  const { replay } = await start([item(1), item(2, { reason: 'other' }), item(3, { sender: 'south' })], store)
  expect((await replay({ filter: { reason: 'other' } })).released).toBe(1)
  expect((await replay({ filter: { sender: 'south' } })).released).toBe(1)
  expect(store.readings()).toEqual([reading(2), reading(3)])
})

it('keeps what cannot be stored still, and says why', async () => {
  const store = memoryStore()
  store.isPoison = ({ value }) => value === 2
  await store.write(toColumns([{ ...reading(3), value: -1 }]), [])
  const wrong = { ...reading(4), time: 0.5 }
  const { quarantine, replay } = await start(
    [
      item(1),
      item(2),
      item(3, { kind: 'conflict' }),
      item(4, { kind: 'rejected', payload: wrong }),
      item(5, { kind: 'gap', counted: 0, payload: { range: [5, 5] } }),
      item(6, { truncated: true, payload: 'xxx' }),
      item(7, { payload: null, counted: 0 }),
      malformed(8, 1, { payload: '{' }),
      malformed(9, 1, { topic: 'affluent/v1/south/readings' }),
    ],
    store,
  )
  const { released: count, failed } = await replay()
  expect(count).toBe(1)
  expect(failed.map(({ id, reason }) => [id, reason])).toEqual([
    [2, `cannot write ${reading(2).point}`],
    [3, 'another reading is stored under this point and time'],
    [4, 'time 0.5 is not a time in ms UTC between 1970 and 2100'],
    [5, 'its sender has lost these numbers: there is nothing to store'],
    [6, 'only the beginning of it was kept'],
    [7, 'its readings stayed with the sender'],
    [8, expect.stringMatching(/^not JSON/)],
    [9, 'sender is gateway, the topic is that of south'],
  ])
  expect(quarantine.list({ id: 3 }, { limit: 1 })[0]!.failure).toBe(failed[1]!.reason)
  expect(store.readings().map(({ value }) => value)).toEqual([-1, 1])
  expect(released(await store.ledger(0, Infinity))).toMatchObject([{ count: 1 }])
})

it('goes through more than one portion, whatever is refused', async () => {
  const store = memoryStore()
  store.isPoison = ({ value }) => (value as number) <= 150
  const { replay } = await start(
    Array.from({ length: 400 }, (_, i) => item(i + 1)),
    store,
  )
  expect((await replay()).released).toBe(250)
  expect(store.readings()).toHaveLength(250)
  expect(released(await store.ledger(0, Infinity)).map(({ count }) => count)).toEqual([250])
})

it('releases a conflict once the store holds what it says', async () => {
  const store = memoryStore()
  await store.write(toColumns([reading(3)]), [])
  const { replay } = await start([item(3, { kind: 'conflict' })], store)
  expect((await replay()).released).toBe(1)
})

it.each(['before', 'after'])(
  'counts once although it is cut off %s the store has accounted for it',
  async when => {
    const file = `${temporaryFolder()}/readings.duckdb`
    const real = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log: silentLog })
    onTestFinished(() => real.close())
    let cut = true
    const store: ReadingStore = {
      ...real,
      async write(columns, positions, ledger) {
        const cutNow = cut && positions.length > 0
        if (cutNow && when === 'before') throw new Error('killed')
        const outcome = await real.write(columns, positions, ledger)
        if (cutNow) throw new Error('killed')
        return outcome
      },
    }
    const { quarantine, replay } = await start(
      [item(1), item(2), item(3, { time: ARRIVED + HOUR_MS })],
      store,
    )
    await expect(replay()).rejects.toThrow('killed')
    expect(quarantine.unfinished()).toHaveLength(3)
    cut = false
    expect((await replay()).released).toBe(3)
    await quarantine.append([item(4)])
    expect((await replay()).released).toBe(1)
    expect(released(await real.ledger(0, Number.MAX_SAFE_INTEGER))).toMatchObject([{ hour: HOUR, count: 4 }])
    expect(await real.range(reading(2).point, 0, Number.MAX_SAFE_INTEGER)).toEqual([reading(2)])
  },
)

it.runIf(findPeer('influxdb'))(
  'counts once in InfluxDB too, after a restart and beside later counts',
  async () => {
    const influxdb = closeLater(await startInfluxdb())
    const open = () => openInfluxReadingStore({ ...influxdb, timeZone: 'Europe/Paris', log: silentLog })
    const aside = { sender: 'gateway', stream: 'measures', hour: HOUR, outcome: 'quarantined' } as const
    const first = await open()
    await first.write(toColumns([]), [{ ...stream, upTo: 3, ranges: [] }], [{ ...aside, count: 3 }])
    const before = await start([item(1), item(2)], first)
    expect((await before.replay()).released).toBe(2)
    await first.close()
    const second = closeLater(await open())
    const after = await start([item(3)], second)
    expect((await after.replay()).released).toBe(1)
    await second.write(toColumns([]), [{ ...stream, upTo: 4, ranges: [] }], [{ ...aside, count: 1 }])
    const ledger = await second.ledger(0, Number.MAX_SAFE_INTEGER)
    expect(ledger.map(({ outcome, count }) => [outcome, count]).sort()).toEqual([
      ['quarantined', 4],
      ['released', 3],
    ])
  },
)

it('moves what an import had set aside, as any other', async () => {
  const store = memoryStore()
  const { replay } = await start([item(1, { sender: 'import/abc', run: 'abc' })], store)
  expect((await replay()).released).toBe(1)
  expect(await store.ledger(0, Infinity)).toMatchObject([
    { sender: 'import/abc', outcome: 'released', count: 1 },
  ])
})

it('brings alert events into the records', async () => {
  const event = {
    type: 'fired',
    time: ARRIVED,
    actor: 'rules',
    alert: {
      id: 'ice-1',
      rule: 'ice',
      point: 'road/air/temperature',
      site: 'road',
      severity: 'warning',
      state: 'firing',
      since: ARRIVED,
      firedAt: ARRIVED,
      value: -1,
      lastValue: -1,
      message: { fr: 'Verglas', en: 'Ice' },
    },
  }
  const of = { sender: 'rules', stream: 'alerts', payload: event } as const
  const { store, records, replay } = await start([
    item(1, of),
    item(2, { ...of, payload: { type: 'other' } }),
  ])
  const { released: count, failed } = await replay()
  expect(count).toBe(1)
  expect(failed).toMatchObject([{ id: 2 }])
  expect(records.alerts({ limit: 9 })).toMatchObject([{ id: 'ice-1' }])
  expect(await store.ledger(0, Infinity)).toEqual([])
})

it('is not run twice at a time', async () => {
  const { replay } = await start([item(1)])
  const first = replay()
  await expect(replay()).rejects.toThrow('a replay is under way already')
  expect((await first).released).toBe(1)
})
