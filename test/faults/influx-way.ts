import { expect, onTestFinished } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { startSender } from '../../bus/sender.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { DAY_MS } from '../../model/time.ts'
import { createConnection, type InfluxdbOptions } from '../../store/influxdb/connection.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { systemClock as clock, silentLog as log, temporaryFolder } from '../bus/fixtures.ts'
import { quarantined, testQuarantine } from '../ingest/hub.ts'

const SENDER = 'gateway-north'
const LIMITS = { batchSize: 50, flushDelayMs: 5, acknowledgementTimeoutMs: 500, longestTimeoutMs: 1000 }

/** The way of a reading from an outbox to InfluxDB. */
export async function startInfluxWay(influxdb: InfluxdbOptions) {
  const folder = temporaryFolder()
  const quarantine = await testQuarantine()
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log })
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log })
  const bus = await connectBus({ url: broker.url, clientId: SENDER, log })
  const parts = { bus, outboxes: [outbox], clock, log, limits: LIMITS }
  const sender = startSender({ sender: SENDER, role: 'gateway', ...parts })

  async function startHub(options: InfluxdbOptions) {
    const store = await openInfluxReadingStore({ ...options, timeZone: 'Europe/Paris', log })
    const hubBus = await connectBus({ url: broker.url, clientId: 'hub', log })
    const ingest = await startIngest({ bus: hubBus, store, quarantine, clock, log, collectMs: 5 })
    return {
      ingest,
      store,
      async close() {
        await ingest.close()
        await hubBus.close()
        await store.close()
      },
    }
  }
  let hub = await startHub(influxdb)
  onTestFinished(async () => {
    await sender.close()
    await bus.close()
    await outbox.close()
    await hub.close()
    await broker.close()
  })

  return {
    outbox,
    sender,
    get ingest() {
      return hub.ingest
    },
    get store() {
      return hub.store
    },
    async restartHub(options: InfluxdbOptions) {
      await hub.close()
      hub = await startHub(options)
    },
    quarantine: () => quarantined(quarantine),
    /**
     * Waits until the outbox is empty; then all that was sent is stored or in the quarantine, once, and the ledger
     * says so.
     */
    async expectAccounted(counts: { stored: number; quarantined?: number }) {
      await sender.drained(30_000)
      const { stored, quarantined: refused = 0 } = counts
      const connection = createConnection(influxdb)
      const [points] = await connection.query(['SHOW TAG VALUES FROM "reading" WITH KEY = "point"'])
      connection.close()
      const found = await Promise.all(
        points![0]!.rows.map(([, point]) => hub.store.range(point as string, 0, Infinity)),
      )
      expect({ stored: found.flat().length, sent: outbox.next - 1 }).toEqual({
        stored,
        sent: stored + refused,
      })
      const numbers = quarantined(quarantine).flatMap(({ first, last }) => {
        return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
      })
      expect([numbers.length, new Set(numbers).size]).toEqual([refused, refused])
      const sums: Record<string, number> = { received: 0, quarantined: 0 }
      for (const { outcome, count } of await hub.store.ledger(0, clock.now() + 400 * DAY_MS))
        sums[outcome === 'quarantined' ? 'quarantined' : 'received']! += count
      expect(sums).toEqual({ received: stored, quarantined: refused })
      expect(await hub.store.positions()).toMatchObject([{ upTo: outbox.next - 1, ranges: [] }])
    },
  }
}
