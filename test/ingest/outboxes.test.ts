import { cpSync, rmSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { openOutboxRuns } from '../../bus/outbox-runs.ts'
import { startSender } from '../../bus/sender.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { quarantined, testQuarantine } from './hub.ts'
import { memoryStore } from './memory-store.ts'

const SENDER = 'gateway-north'

async function startHub() {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  const bus = await connectBus({ url: broker.url, clientId: 'hub', log: silentLog })
  const store = memoryStore()
  const quarantine = await testQuarantine()
  const ingest = await startIngest({ bus, store, quarantine, clock: systemClock, log: silentLog })
  onTestFinished(async () => {
    await ingest.close()
    await bus.close()
    await broker.close()
  })
  const values = () => store.readings().map(({ value }) => value as number)
  return { url: broker.url, values: () => values().sort((a, b) => a - b), quarantine }
}

/** Sends from outboxes under the one name until everything is acknowledged. */
async function send(url: string, outboxes: readonly Outbox<Reading>[]) {
  const bus = await connectBus({ url, clientId: `${SENDER}-${outboxes[0]!.run}`, log: silentLog })
  const sender = startSender({
    sender: SENDER,
    role: 'gateway',
    bus,
    outboxes,
    clock: systemClock,
    log: silentLog,
  })
  onTestFinished(async () => {
    await sender.close()
    await bus.close()
  })
  await sender.drained(10_000)
}

async function openRuns(folder: string) {
  const runs = await openOutboxRuns<Reading>({ folder, stream: 'measures', log: silentLog })
  onTestFinished(() => runs.close())
  return runs
}

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('every reading is stored once from', () => {
  it('two copies of one sender that both go on', async () => {
    const hub = await startHub()
    const folder = temporaryFolder()
    const original = await openRuns(folder)
    original.current.append(readings(1, 50))
    const copied = temporaryFolder()
    cpSync(folder, copied, { recursive: true })
    const copy = await openRuns(copied)
    original.current.append(readings(51, 20))
    copy.current.append(readings(71, 30))
    await Promise.all([send(hub.url, [original.current]), send(hub.url, [copy.current, ...copy.earlier])])
    expect(hub.values()).toEqual(numbers(1, 100))
    expect(quarantined(hub.quarantine)).toEqual([])
  })

  it('an outbox that starts anew, whose numbers begin again', async () => {
    const hub = await startHub()
    const folder = temporaryFolder()
    const before = await openRuns(folder)
    before.current.append(readings(1, 50))
    await send(hub.url, [before.current])
    await before.close()
    rmSync(folder, { recursive: true })
    const anew = await openRuns(folder)
    expect(anew.current.append(readings(51, 50))).toBe(1)
    await send(hub.url, [anew.current])
    expect(hub.values()).toEqual(numbers(1, 100))
  })

  it('a full outbox, or announced as a gap that counts it', async () => {
    const hub = await startHub()
    const outbox = await openOutbox<Reading>({
      folder: temporaryFolder(),
      stream: 'measures',
      log: silentLog,
      segmentBytes: 2048,
    })
    onTestFinished(() => outbox.close())
    for (const n of numbers(1, 200)) outbox.append([reading(n)])
    for (let i = 0; i < 4; i++) outbox.dropOldest()
    await send(hub.url, [outbox])
    const [gap, ...none] = quarantined(hub.quarantine)
    expect(none).toEqual([])
    const lost = hub.values()[0]! - 1
    expect(hub.values()).toEqual(numbers(lost + 1, 200))
    expect(gap).toMatchObject({ kind: 'gap', reason: 'outbox-full', first: 1, last: lost })
  })
})
