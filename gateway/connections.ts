import type { Logger } from 'pino'
import type { Address } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { ConnectionStatus } from '../model/delivery.ts'
import type { Registry } from '../registry/registry.ts'
import type { Connection, Gateway } from '../registry/schema.ts'
import { startConnection } from './connection.ts'
import type { CreateDriver, Driver, DriverContext, Sample } from './driver.ts'
import { phaseOf } from './polling.ts'

export interface ConnectionsOptions {
  registry: Registry
  gateway: Gateway
  /** For what drivers keep, such as certificates. */
  folder: string
  /** Where connections lead in place of their own host and port, by connection id: simulators. */
  addresses?: ReadonlyMap<string, Address>
  clock: Clock
  log: Logger
  deliver(samples: readonly Sample[], connection: string): void
  onStatus(status: ConnectionStatus, connection: string): void
}

/**
 * Reads the devices of one gateway from now on, each connection by itself. Returns before any device has answered: one
 * that cannot be reached holds up neither the others nor the start.
 */
export function startConnections(options: ConnectionsOptions): { close(): Promise<void> } {
  const { registry, gateway, folder, addresses, clock, deliver, onStatus } = options
  const points = Map.groupBy(registry.points.values(), point => point.connection)
  const connections = gateway.connections.map((connection, index) => {
    const { id } = connection
    const log = options.log.child({ connection: id })
    const context: DriverContext = { connection, address: addresses?.get(id), folder, clock, log }
    return startConnection({
      driver: loadedOnConnect(context),
      points: points.get(id) ?? [],
      phase: phaseOf(index, gateway.connections.length),
      clock,
      log,
      deliver: samples => deliver(samples, id),
      onStatus: status => onStatus(status, id),
    })
  })
  return {
    async close() {
      await Promise.all(connections.map(connection => connection.close()))
    },
  }
}

/** The connection's driver, whose code is loaded inside the supervised loop. */
function loadedOnConnect(context: DriverContext): Driver {
  let driver: Driver | undefined
  return {
    async connect() {
      driver ??= (await loadDriver(context.connection.driver)).createDriver(context)
      return driver.connect()
    },
  }
}

/** A driver's folder has its code in the file of its name. */
async function loadDriver(name: Connection['driver']): Promise<{ createDriver: CreateDriver }> {
  return await import(`./drivers/${name}/${name}.ts`)
}
