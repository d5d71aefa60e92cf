import { join } from 'node:path'
import { pino } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { ConnectionStatus } from '../model/delivery.ts'
import type { Reading } from '../model/reading.ts'
import type { Registry } from '../registry/registry.ts'
import { startConnections } from './connections.ts'
import { toReading } from './to-reading.ts'
import { createUniqueTimes } from './unique-times.ts'

/**
 * Reads the devices of a gateway as the gateway does, but journals and sends nothing: for whoever stands before them.
 * What drivers keep is that of the gateway itself in the data folder: what it trusts here, it trusts later.
 * @throws Error when the registry has no such gateway.
 */
export function readDevices(options: {
  registry: Registry
  gateway: string
  data: string
  clock: Clock
  onReading(reading: Reading): void
  onStatus(status: ConnectionStatus, connection: string): void
}): { close(): Promise<void> } {
  const { registry, gateway: id, data, clock, onReading, onStatus } = options
  const gateway = registry.gateways.get(id)
  if (!gateway) throw new Error(`there is no gateway ${id} in the registry`)
  const unique = createUniqueTimes()
  return startConnections({
    registry,
    gateway,
    folder: join(data, 'gateways', id, 'drivers'),
    clock,
    // Their errors are in the statuses.
    log: pino({ level: 'silent' }),
    deliver(samples) {
      const gatewayTime = clock.now()
      for (const sample of samples) onReading(unique(toReading(sample, gatewayTime)))
    },
    onStatus,
  })
}
