import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import type { Acknowledgement } from '../../model/delivery.ts'
import { openQuarantine, type QuarantineOptions } from '../../store/quarantine/quarantine-store.ts'
import type { KeptItem, Quarantine } from '../../store/quarantine.ts'
import { silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'

/** A broker with a bus for ingest and one for a sender, and a quarantine. */
export async function startHub() {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  const [bus, gateway] = await Promise.all([connect(broker.url, 'hub'), connect(broker.url, 'gateway')])
  onTestFinished(() => broker.close())
  return { broker, bus, gateway, quarantine: await testQuarantine() }
}

/** A connected bus that is closed after the test. */
export async function connect(url: string, clientId: string): Promise<Bus> {
  const bus = await connectBus({ url, clientId, log: silentLog })
  onTestFinished(() => bus.close())
  await new Promise<void>(resolve => bus.onConnect(resolve))
  return bus
}

/** The acknowledgements that a sender gets. */
export async function acknowledgements(bus: Bus, sender: string): Promise<Acknowledgement[]> {
  const answers: Acknowledgement[] = []
  await bus.subscribe(topics.acknowledgements(sender), (_, payload) =>
    answers.push(JSON.parse(payload.toString())),
  )
  return answers
}

/** A quarantine in a folder of its own, with room for everything, that is closed after the test. */
export async function testQuarantine(options: Partial<QuarantineOptions> = {}): Promise<Quarantine> {
  const quarantine = await openQuarantine({
    folder: join(temporaryFolder(), 'quarantine'),
    maxBytes: 64 * 1024 ** 2,
    maxAge: Number.POSITIVE_INFINITY,
    clock: systemClock,
    ...options,
  })
  onTestFinished(() => quarantine.close())
  return quarantine
}

// biome-ignore lint/suspicious/noExplicitAny: payloads have many shapes, and expect looks at each.
export function quarantined(quarantine: Quarantine): (KeptItem & { payload: any })[] {
  return quarantine.list({}, { limit: 10_000 }).reverse()
}
