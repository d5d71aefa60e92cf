import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { startSender } from '../../bus/sender.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { memoryStore } from '../ingest/memory-store.ts'
import { mountSmallDisk } from './small-disk.ts'

const KIB = 1024
const trial = mountSmallDisk(64 * KIB)
trial?.unmount()

function smallDisk(bytes: number): string {
  const disk = mountSmallDisk(bytes)!
  onTestFinished(() => disk.unmount())
  return disk.folder
}

/** Takes all the room that is left on a disk; returns what gives it back. */
function fillUp(folder: string): () => void {
  const file = join(folder, 'ballast')
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(file, Buffer.alloc(bavail * bsize))
  return () => rmSync(file)
}

async function connect(url: string, clientId: string) {
  const bus = await connectBus({ url, clientId, log: silentLog })
  onTestFinished(() => bus.close())
  return bus
}

async function brokerUrl(): Promise<string> {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  onTestFinished(() => broker.close())
  return broker.url
}

async function startSending(url: string, folder: string, segmentBytes = 8 * KIB) {
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log: silentLog, segmentBytes })
  onTestFinished(() => outbox.close())
  const sender = startSender({
    sender: 'gw',
    role: 'gateway',
    bus: await connect(url, 'gw'),
    outboxes: [outbox],
    clock: systemClock,
    log: silentLog,
    limits: { acknowledgementTimeoutMs: 300, longestTimeoutMs: 600 },
  })
  onTestFinished(() => sender.close())
  return { outbox, sender }
}

// Only root may mount a disk.
describe.runIf(trial)('a full disk', () => {
  it('under an outbox takes nothing more on, loses nothing of what was, and goes on once there is room', async () => {
    const url = await brokerUrl()
    const { outbox, sender } = await startSending(url, smallDisk(256 * KIB))
    let refusal: Error | undefined
    while (!refusal) {
      try {
        outbox.append(readings(outbox.next, 20))
      } catch (error) {
        refusal = error as Error
      }
    }
    const confirmed = outbox.next - 1
    expect(confirmed).toBeGreaterThan(500)
    expect(() => outbox.append(readings(outbox.next, 20))).toThrow('ENOSPC')

    const store = memoryStore()
    const quarantine = await openQuarantine({
      folder: temporaryFolder(),
      maxBytes: 64 * KIB * KIB,
      maxAge: Number.POSITIVE_INFINITY,
      clock: systemClock,
    })
    onTestFinished(() => quarantine.close())
    const bus = await connect(url, 'hub')
    const ingest = await startIngest({ bus, store, quarantine, clock: systemClock, log: silentLog })
    onTestFinished(() => ingest.close())
    await sender.drained(20_000)
    expect(outbox.append(readings(confirmed + 1, 3))).toBe(confirmed + 1)
    await sender.drained(20_000)
    expect(store.readings()).toEqual(readings(1, confirmed + 3))
  })

  it('under the store of a hub holds the readings back with their senders until there is room', async () => {
    const url = await brokerUrl()
    const disk = smallDisk(24 * KIB * KIB)
    const store = await openEmbeddedReadingStore({
      file: join(disk, 'readings.duckdb'),
      timeZone: 'Europe/Paris',
      log: silentLog,
    })
    onTestFinished(() => store.close())
    const quarantine = await openQuarantine({
      folder: temporaryFolder(),
      maxBytes: 64 * KIB * KIB,
      maxAge: Number.POSITIVE_INFINITY,
      clock: systemClock,
    })
    onTestFinished(() => quarantine.close())
    const ingest = await startIngest({
      bus: await connect(url, 'hub'),
      store,
      quarantine,
      clock: systemClock,
      log: silentLog,
    })
    onTestFinished(() => ingest.close())
    const { outbox, sender } = await startSending(url, temporaryFolder())
    outbox.append(readings(1, 500))
    await sender.drained(20_000)

    const release = fillUp(disk)
    for (let n = 501; n <= 8000; n += 500) outbox.append(readings(n, 500))
    await vi.waitFor(() => expect(ingest.stats().retries).toBeGreaterThan(1), 20_000)
    expect(outbox.waiting).toBeGreaterThan(0)
    release()
    await sender.drained(40_000)
    const stored = await Promise.all(
      Array.from({ length: 7 }, (_, i) => store.range(reading(i).point, 0, 1e15, 100_000)),
    )
    expect(stored.flat().length).toBe(outbox.next - 1)
    expect(await store.positions()).toMatchObject([{ upTo: outbox.next - 1, ranges: [] }])
  })
})
