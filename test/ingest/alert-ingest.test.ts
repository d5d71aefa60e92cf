import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { topics } from '../../bus/topics.ts'
import { startAlertIngest } from '../../ingest/alert-ingest.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { AlertBatch } from '../../model/delivery.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import type { RecordStore } from '../../store/records.ts'
import { silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { acknowledgements, quarantined, startHub } from './hub.ts'

const START = Date.UTC(2026, 10, 22)

function event(id: string, type: 'fired' | 'acknowledged' | 'resolved', minute: number): AlertEvent {
  const time = START + minute * 60_000
  const state = ({ fired: 'firing', acknowledged: 'acknowledged', resolved: 'resolved' } as const)[type]
  const message = { fr: 'Verglas', en: 'Ice' }
  const place = { rule: 'ice', point: 'rd-12/station/surface', site: 'rd-12' }
  const values = { value: -1.5, lastValue: -1.5 }
  const times = { since: START, firedAt: START }
  return {
    type,
    time,
    actor: 'rules',
    alert: { id, severity: 'critical', state, message, ...place, ...values, ...times },
  }
}

function batchOf(first: number, events: unknown[]): string {
  const envelope = { version: 1, sender: 'rules', stream: 'alerts', run: 'r', first, sent: START } as const
  return encodeAlertBatch({
    ...envelope,
    backlog: false,
    events: events as AlertEvent[],
  } satisfies AlertBatch)
}

async function start(adapt: (records: RecordStore) => RecordStore = records => records, clock = systemClock) {
  const hub = await startHub()
  const records = openRecordStore({ file: join(temporaryFolder(), 'records.sqlite') })
  const answers = await acknowledgements(hub.gateway, 'rules')
  const options = { ...hub, records: adapt(records), clock, log: silentLog }
  const ingest = await startAlertIngest(options)
  onTestFinished(async () => {
    await ingest.close()
    records.close()
  })
  const told: string[] = []
  ingest.onStored(({ type, alert: { id } }) => {
    const kept = records.alertEvents(id).some(event => event.type === type)
    told.push(`${id} ${type}${kept ? '' : ', before the records hold it'}`)
  })
  const send = (first: number, events: unknown[]) =>
    hub.gateway.publish(topics.alertEvents('rules'), batchOf(first, events))
  const accounted = (upTo: number) => vi.waitFor(() => expect(answers.at(-1)?.upTo).toBe(upTo), 5000)
  return {
    ...hub,
    records,
    ingest,
    told,
    answers,
    send,
    accounted,
    items: () => quarantined(hub.quarantine),
  }
}

it('keeps events, acknowledges them, and changes nothing on a repetition', async () => {
  const { records, ingest, told, answers, send, accounted } = await start()
  const events = [event('ice-1', 'fired', 0), event('ice-1', 'acknowledged', 1)]
  await send(1, events)
  await accounted(2)
  await send(1, events)
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  await send(3, [event('ice-1', 'resolved', 2)])
  await accounted(3)
  expect(records.alertEvents('ice-1').map(({ type }) => type)).toEqual(['fired', 'acknowledged', 'resolved'])
  expect(records.positions()).toEqual([{ sender: 'rules', stream: 'alerts', run: 'r', upTo: 3, ranges: [] }])
  expect(ingest.stats()).toMatchObject({ written: 3, repeated: 2 })
  expect(told).toEqual(['ice-1 fired', 'ice-1 acknowledged', 'ice-1 resolved'])
})

it('waits after a write, so that a storm is written in few', async () => {
  const { send, accounted } = await start(undefined, { ...systemClock, elapsed: () => 0 })
  await send(1, [event('ice-1', 'fired', 0)])
  await accounted(1)
  const sent = performance.now()
  await send(2, [event('ice-2', 'fired', 0)])
  await accounted(2)
  expect(performance.now() - sent).toBeGreaterThan(240)
})

it('acknowledges and tells nothing that is not certain to be on the disk, and tries again where it cannot be', async () => {
  const waits: PromiseWithResolvers<void>[] = []
  const { ingest, told, answers, send, accounted } = await start(real => ({
    ...real,
    synced() {
      waits.push(Promise.withResolvers())
      return waits.at(-1)!.promise
    },
  }))
  await send(1, [event('ice-1', 'fired', 0)])
  await vi.waitFor(() => expect(waits).toHaveLength(1))
  waits[0]!.reject(new Error('i/o error'))
  await vi.waitFor(() => expect(waits).toHaveLength(2))
  expect([told, answers]).toEqual([[], []])
  waits[1]!.resolve()
  await accounted(1)
  expect(told).toEqual(['ice-1 fired'])
  expect(ingest.stats()).toMatchObject({ retries: 1 })
})

it('ignores commands, whose topic looks like that of a sender', async () => {
  const { gateway, ingest, send, accounted, items } = await start()
  await gateway.publish(topics.alertCommands, '{"id":"c1","action":"acknowledge"}')
  await send(1, [event('ice-1', 'fired', 0)])
  await accounted(1)
  expect(ingest.stats().batches).toBe(1)
  expect(items()).toEqual([])
})

it('quarantines an event that is not sound and keeps the others', async () => {
  const { records, send, accounted, items } = await start()
  await send(1, [{ ...event('ice-1', 'fired', 0), type: 'exploded' }, event('ice-2', 'fired', 1)])
  await accounted(2)
  expect(records.alert('ice-2')).toBeDefined()
  expect(items()).toMatchObject([{ kind: 'rejected', sender: 'rules', first: 1, last: 1 }])
})

it('quarantines an event on which the records fail, and waits while they fail on everything', async () => {
  let away = true
  const { records, ingest, told, answers, send, accounted, items } = await start(real => ({
    ...real,
    writeAlertEvents(events, position) {
      if (away) throw new Error('disk full')
      if (events.some(({ event: { alert } }) => alert.id === 'poison')) throw new Error('constraint failed')
      return real.writeAlertEvents(events, position)
    },
  }))
  await send(1, [event('ice-1', 'fired', 0), event('poison', 'fired', 1), event('ice-2', 'fired', 2)])
  await vi.waitFor(() => expect(ingest.stats().retries).toBeGreaterThan(0))
  expect(answers).toEqual([])
  away = false
  await accounted(3)
  expect(
    records
      .alerts({ limit: 9 })
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['ice-1', 'ice-2'])
  expect(items()).toMatchObject([{ kind: 'refused', reason: 'constraint failed', first: 2 }])
  expect(told).toEqual(['ice-1 fired', 'ice-2 fired'])
})
