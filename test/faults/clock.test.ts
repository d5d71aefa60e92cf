import { expect, it, onTestFinished } from 'vitest'
import { openOutbox } from '../../bus/outbox.ts'
import { startSender } from '../../bus/sender.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { readings, silentLog, temporaryFolder } from '../bus/fixtures.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { startHub } from '../ingest/hub.ts'
import { memoryStore } from '../ingest/memory-store.ts'

const JUMPS = [HOUR_MS, -HOUR_MS, 365 * DAY_MS, -2 * 365 * DAY_MS]

it.each(['sender', 'hub'] as const)(
  'nothing is lost, given up or sent late when the clock of the %s jumps by an hour or a year',
  async jumping => {
    const clocks = {
      sender: startTestClock('2026-11-22T00:10:00Z'),
      hub: startTestClock('2026-11-22T00:10:00Z'),
    }
    const hub = await startHub()
    const store = memoryStore()
    const ingest = await startIngest({ ...hub, store, clock: clocks.hub, log: silentLog, collectMs: 5 })
    const outbox = await openOutbox<Reading>({
      folder: temporaryFolder(),
      stream: 'measures',
      log: silentLog,
      segmentBytes: 2000,
    })
    const sender = startSender({
      sender: 'gw',
      role: 'gateway',
      bus: hub.gateway,
      outboxes: [outbox],
      clock: clocks.sender,
      log: silentLog,
      outboxLimits: { maxAge: DAY_MS },
      limits: { acknowledgementTimeoutMs: 20_000 },
    })
    onTestFinished(async () => {
      await sender.close()
      await outbox.close()
      await ingest.close()
    })
    const clock = clocks[jumping]
    for (const jump of [0, ...JUMPS]) {
      outbox.append(readings(outbox.next, 20))
      clock.set(new Date(clock.now() + jump).toISOString())
      outbox.append(readings(outbox.next, 20))
      // Soon, by a clock that does not jump: no pause is reckoned by the one that does.
      await sender.drained(5000)
    }
    expect(store.readings()).toEqual(readings(1, outbox.next - 1))
    const ledger = await store.ledger(0, Number.MAX_SAFE_INTEGER)
    expect(ledger.reduce((sum, { count }) => sum + count, 0)).toBe(outbox.next - 1)
    expect(new Set(ledger.map(({ outcome }) => outcome))).toEqual(
      new Set(jumping === 'hub' ? ['prompt', 'late'] : ['prompt']),
    )
  },
)
