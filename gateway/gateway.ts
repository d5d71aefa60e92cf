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
import type { Connection, Gateway } from '../registry/schema.ts'
import { startConnection } from './connection.ts'
import type { CreateDriver, Deliver, Driver, DriverContext } from './driver.ts'
import { drivers } from './drivers/drivers.ts'
import { phaseOf } from './polling.ts'
import { createFailureFilter } from './repeated-failures.ts'
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

  const isNews = createFailureFilter()
  const unique = createUniqueTimes()
  const points = [...registry.points.values()].filter(point => point.gateway === gateway.id)
  const connections = gateway.connections.map((connection, index) => {
    const context: DriverContext = {
      connection,
      address: addresses?.get(connection.id),
      folder: join(outboxFolder, 'drivers'),
      clock,
      log: log.child({ connection: connection.id }),
    }
    const deliver: Deliver = samples => {
      const gatewayTime = clock.now()
      const elapsed = clock.elapsed()
      const ofIndexes: Reading[] = []
      const ofMeasures: Reading[] = []
      let newest: number | undefined
      for (const sample of samples) {
        const reading = toReading(sample, gatewayTime, sender.clockOffset)
        if (!isNews(reading, elapsed)) continue
        const stream = sample.point.quantity.kind === 'index' ? ofIndexes : ofMeasures
        stream.push(unique(reading))
        if (reading.value !== null) newest = reading.time
      }
      append(indexes, ofIndexes)
      append(measures, ofMeasures)
      if (newest !== undefined) statuses[connection.id]!.lastReading = newest
    }
    return startConnection({
      driver: loadedOnConnect(context),
      points: points.filter(point => point.connection === connection.id),
      phase: phaseOf(index, gateway.connections.length),
      clock,
      log: context.log,
      deliver,
      onStatus: status => {
        statuses[connection.id] = { ...status, lastReading: statuses[connection.id]?.lastReading }
        publishStatus()
      },
    })
  })

  starting.defer(async () => {
    clearInterval(statusTimer)
    await Promise.all(connections.map(connection => connection.close()))
  })

  const running = starting.move()
  return { close: () => running.disposeAsync() }
}

/** The connection's driver, whose code is loaded inside the supervised loop. */
function loadedOnConnect(context: DriverContext): Driver {
  let driver: Driver | undefined
  return {
    async connect() {
      if (!driver) {
        // Each driver takes the connections of its own name, which the type of a look-up by name loses.
        const create = (await drivers[context.connection.driver]()) as CreateDriver<Connection>
        driver = create(context)
      }
      return driver.connect()
    },
  }
}

function append(outbox: Outbox<Reading>, readings: readonly Reading[]): void {
  if (readings.length > 0) outbox.append(readings)
}
