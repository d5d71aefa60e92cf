import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import type { Acknowledgement } from '../../model/delivery.ts'
import { silentLog, temporaryFolder } from '../bus/fixtures.ts'

/** A broker with a bus for ingest and one for a sender, and a folder for what is set aside. */
export async function startHub() {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  const [bus, gateway] = await Promise.all([connect(broker.url, 'hub'), connect(broker.url, 'gateway')])
  onTestFinished(() => broker.close())
  return { broker, bus, gateway, quarantineFolder: join(temporaryFolder(), 'quarantine') }
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

// biome-ignore lint/suspicious/noExplicitAny: items are read as they lie in the file.
export function quarantined(folder: string): any[] {
  return readdirSync(folder).flatMap(name =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
  )
}
