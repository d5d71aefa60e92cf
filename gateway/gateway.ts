import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Bus, Outbox } from '../bus/contract.ts'
import type { OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import { SENDING_LIMITS } from '../bus/sending.ts'
import type { Address } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { ConnectionStatus } from '../model/delivery.ts'
import type { Reading } from '../model/reading.ts'
import type { Registry } from '../registry/registry.ts'
import type { Gateway } from '../registry/schema.ts'
import { startConnections } from './connections.ts'
import { toReading } from './to-reading.ts'
import { createUniqueTimes } from './unique-times.ts'

/** A change of state is told at once; the times of the newest readings so often. */
const STATUS_INTERVAL_MS = 30_000

export interface GatewayOptions {
  registry: Registry
  gateway: Gateway
  bus: Bus
  /** Holds the journals, and in `drivers` what drivers keep, such as certificates. */
  outboxFolder: string
  outboxLimits?: OutboxLimits
  /** Readings of a backlog a second, at most. */
  backlogRate?: number
  /** How long readings may wait for the disk, ms; 0: not at all. */
  syncIntervalMs?: number
  /** Where connections lead in place of their own host and port, by connection id: simulators. */
  addresses?: ReadonlyMap<string, Address>
  clock: Clock
  log: Logger
}

/**
 * Reads the devices of one gateway and journals every reading before anything is sent. Returns before any
 * device has answered: a connection that cannot be made holds up neither the others nor the start.
 * @throws Error when the outboxes cannot be opened.
 */
export async function startGateway(options: GatewayOptions): Promise<{ close(): Promise<void> }> {
  const { registry, gateway, bus, outboxFolder, outboxLimits, syncIntervalMs, addresses, clock } = options
  const { backlogRate = SENDING_LIMITS.backlogRate } = options
  const log = options.log.child({ gateway: gateway.id })
  await using starting = new AsyncDisposableStack()
  const openStream = async (stream: 'indexes' | 'measures') => {
    const runs = await openOutboxRuns<Reading>({ folder: outboxFolder, stream, log, syncIntervalMs })
    starting.defer(() => runs.close())
    return runs
  }
  const { current: indexes, earlier: earlierIndexes } = await openStream('indexes')
  const { current: measures, earlier: earlierMeasures } = await openStream('measures')
  const sender = startSender({
    sender: gateway.id,
    role: 'gateway',
    bus,
    outboxes: [indexes, measures, ...earlierIndexes, ...earlierMeasures],
    limits: { backlogRate },
    outboxLimits,
    clock,
    log,
  })
  starting.defer(() => sender.close())

  const statuses: Record<string, ConnectionStatus> = {}
  const publishStatus = () =>
    sender.setStatus({ role: 'gateway', registry: registry.hash, connections: structuredClone(statuses) })
  const statusTimer = setInterval(publishStatus, STATUS_INTERVAL_MS)

  const unique = createUniqueTimes()
  const connections = startConnections({
    registry,
    gateway,
    folder: join(outboxFolder, 'drivers'),
    addresses,
    clock,
    log,
    deliver(samples, connection) {
      const gatewayTime = clock.now()
      const readings = samples.map(sample => unique(toReading(sample, gatewayTime)))
      append(
        indexes,
        readings.filter((_, i) => samples[i]!.point.quantity.kind === 'index'),
      )
      append(
        measures,
        readings.filter((_, i) => samples[i]!.point.quantity.kind !== 'index'),
      )
      const newest = readings.findLast(reading => reading.value !== null)
      if (newest) statuses[connection]!.lastReading = newest.time
    },
    onStatus(status, connection) {
      statuses[connection] = { ...status, lastReading: statuses[connection]?.lastReading }
      publishStatus()
    },
  })

  starting.defer(async () => {
    clearInterval(statusTimer)
    await connections.close()
  })

  const running = starting.move()
  return { close: () => running.disposeAsync() }
}

function append(outbox: Outbox<Reading>, readings: readonly Reading[]): void {
  if (readings.length > 0) outbox.append(readings)
}
