import { join } from 'node:path'
import { pino } from 'pino'
import { connectBus } from '../../bus/client.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Clock } from '../../model/clock.ts'
import type { InfluxdbOptions } from '../../store/influxdb/connection.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'

/** What the process is started with, as JSON in its only argument. */
export interface HubProcessSettings {
  brokerUrl: string
  folder: string
  /** The embedded store where there is none. */
  influxdb?: InfluxdbOptions
  /** Whether it is to tell how many values are stored, when it is asked. */
  counts?: boolean
}

/** Ingest and its store as a process of their own, as `affluent start --roles ingest` composes them. */
const { brokerUrl, folder, influxdb, counts }: HubProcessSettings = JSON.parse(process.argv[2]!)
const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }))
const options = { timeZone: 'Europe/Paris', log }
const store = await openStore()
const bus = await connectBus({ url: brokerUrl, clientId: 'affluent-ingest', log })
const quarantine = await openQuarantine({
  folder: join(folder, 'quarantine'),
  maxBytes: 256 * 1024 ** 2,
  maxAge: Number.POSITIVE_INFINITY,
  clock,
})
const ingest = await startIngest({ bus, store, quarantine, clock, log })
bus.onConnect(() => process.send?.('ready'))
if (counts) {
  let stored = 0
  ingest.onStored(({ values }) => {
    for (const value of values) if (value !== null) stored++
  })
  process.on('message', () => process.send?.(stored))
}

process.once('SIGTERM', async () => {
  await ingest.close()
  await bus.close()
  await store.close()
  quarantine.close()
  process.exit()
})

/** Only the one that is used is loaded. */
async function openStore() {
  if (influxdb) {
    const { openInfluxReadingStore } = await import('../../store/influxdb/readings.ts')
    return openInfluxReadingStore({ ...influxdb, ...options })
  }
  const { openEmbeddedReadingStore } = await import('../../store/embedded/readings.ts')
  return openEmbeddedReadingStore({ file: join(folder, 'readings.duckdb'), ...options })
}
