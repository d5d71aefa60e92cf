import { join } from 'node:path'
import { pino } from 'pino'
import { connectBus } from '../../bus/client.ts'
import { startGateway } from '../../gateway/gateway.ts'
import { keepHeapSmall } from '../../gateway/heap.ts'
import type { Clock } from '../../model/clock.ts'
import { loadRegistry } from '../../registry/load.ts'
import { GATEWAY } from '../load/territory.ts'

/** What the process is started with, as JSON in its only argument. */
export interface GatewayProcessSettings {
  brokerUrl: string
  folder: string
  /** territory.yaml */
  registryFile: string
  /** No broker is waited for. */
  isAlone?: boolean
}

/** A gateway as a process of its own, as `affluent start --roles gateway` composes it. */
const { brokerUrl, folder, registryFile, isAlone }: GatewayProcessSettings = JSON.parse(process.argv[2]!)
const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }))
keepHeapSmall()
const registry = await loadRegistry(registryFile)
const bus = await connectBus({ url: brokerUrl, clientId: GATEWAY, log })
const gateway = await startGateway({
  registry,
  gateway: registry.gateways.get(GATEWAY)!,
  bus,
  outboxFolder: join(folder, 'outbox'),
  clock,
  log,
})
if (isAlone) process.send!('ready')
else bus.onConnect(() => process.send?.('ready'))

process.once('SIGTERM', async () => {
  await gateway.close()
  await bus.close()
  process.exit()
})
