import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { connectBus } from '../../bus/client.ts'
import { startAlertIngest } from '../../ingest/alert-ingest.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Clock } from '../../model/clock.ts'
import { loadRegistry } from '../../registry/load.ts'
import { openDeliveries } from '../../rules/notify/deliveries.ts'
import { openLinks } from '../../rules/notify/links.ts'
import { startNotify } from '../../rules/notify/notify.ts'
import { openPhones } from '../../rules/notify/phones.ts'
import { startRules } from '../../rules/rules.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { openRecordStore } from '../../store/records/record-store.ts'

/** What the process is started with, as JSON in its only argument. */
export interface HubProcessSettings {
  brokerUrl: string
  folder: string
  /** territory.yaml */
  registryFile: string
}

/** Ingest, records, notification and rules as one process, as `affluent start --roles ingest,api,rules` composes them. */
const { brokerUrl, folder, registryFile }: HubProcessSettings = JSON.parse(process.argv[2]!)
const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }))
const at = (name: string) => join(folder, name)
for (const name of ['rules', 'notify']) mkdirSync(at(name))

await using running = new AsyncDisposableStack()
function keep<T extends { close(): unknown }>(part: T): T {
  running.defer(async () => {
    await part.close()
  })
  return part
}
async function connect(name: string) {
  const bus = keep(await connectBus({ url: brokerUrl, clientId: `affluent-${name}`, log }))
  await new Promise<void>(resolve => bus.onConnect(resolve))
  return bus
}

const registry = await loadRegistry(registryFile)
const readings = keep(
  await openEmbeddedReadingStore({ file: at('readings.duckdb'), timeZone: 'Europe/Paris', log }),
)
const records = keep(openRecordStore({ file: at('records.sqlite') }))
const limits = { maxBytes: 256 * 1024 ** 2, maxAge: Number.POSITIVE_INFINITY }
const quarantine = keep(await openQuarantine({ folder: at('quarantine'), ...limits, clock }))
const readingsBus = await connect('readings')
keep(
  await startIngest({
    bus: await connect('ingest'),
    readingsBus,
    store: readings,
    quarantine,
    clock,
    log,
  }),
)
const alerts = keep(
  await startAlertIngest({ bus: await connect('records'), records, quarantine, clock, log }),
)
const deliveries = keep(openDeliveries(at('notify'), clock.now()))
const notify = keep(
  await startNotify({
    registry,
    bus: await connect('notify'),
    records,
    deliveries,
    links: openLinks(at('notify'), number => deliveries.notice({ number })),
    phones: openPhones({ folder: at('notify'), registry, records }),
    clock,
    log,
    baseUrl: () => 'http://127.0.0.1',
  }),
)
alerts.onStored(event => notify.tell([event]))
keep(
  await startRules({
    registry,
    bus: await connect('rules'),
    readingsBus,
    readings,
    outboxFolder: at('rules'),
    onJournalled: notify.tell,
    clock,
    log,
  }),
)
process.send?.('ready')
await new Promise(resolve => process.once('SIGTERM', resolve))
await running.disposeAsync()
process.exit()
