import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Address, formatAddress, isLoopback } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import { DECLARATIONS } from '../registry/driver-declaration.ts'
import { framingOf } from '../registry/modbus-line.ts'
import type { Point, Registry } from '../registry/registry.ts'
import type { Connection } from '../registry/schema.ts'
import { mapUnit } from './modbus-map.ts'
import { startModbusServer } from './modbus-server.ts'
import { startOpcuaServer } from './opcua-server.ts'
import { loadRecordings } from './recordings.ts'
import type { Signal } from './signals/instrument.ts'
import { createSignals } from './signals/signals.ts'
import type { StartSimulator } from './start-simulator.ts'

export interface Simulators {
  /** Where each connection of the registry is listened for, by its id. */
  addresses: ReadonlyMap<string, Address>
  close(): Promise<void>
}

interface Options {
  registry: Registry
  seed: number
  /** The OPC-UA servers keep their certificates below this folder. */
  pkiFolder: string
  /** `any`: whatever ports are free, in place of the registry's. */
  ports?: 'registry' | 'any'
  clock: Clock
  log: Logger
}

/** A simulator's address is not of this machine, or taken: the message names connection, host and port. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
}

/**
 * Starts a server for every connection of a registry, those to brokers apart, at its own address; what is
 * then read there follows from seed, point and time alone.
 * @throws SimulatorError when an address is not of this machine, or is in use; no server is left running.
 */
export async function startSimulators(options: Options): Promise<Simulators> {
  const { registry, seed, ports } = options
  const connections = [...registry.gateways.values()].flatMap(gateway => gateway.connections)
  const places = connections.flatMap(connection => {
    const address = DECLARATIONS[connection.driver].addressOf?.(connection)
    return address ? { connection, address } : []
  })
  for (const { connection, address } of places) refuseRemote(connection, address)
  const points = Map.groupBy(registry.points.values(), point => point.connection)
  const signals = createSignals({ registry, seed, recordings: await loadRecordings() })
  const addresses = new Map<string, Address>()
  await using running = new AsyncDisposableStack()
  for (const { connection, address } of places) {
    const { host, port } = address
    const at = { host, port: ports === 'any' ? 0 : port }
    const server = await startServer(connection, at, points.get(connection.id) ?? [], signals, options)
    running.defer(() => server.close())
    addresses.set(connection.id, { host, port: server.port })
  }
  const started = running.move()
  return { addresses, close: () => started.disposeAsync() }
}

async function startServer(
  connection: Connection,
  at: Address,
  points: readonly Point[],
  signals: ReadonlyMap<string, Signal>,
  { clock, pkiFolder, ...options }: Options,
): Promise<{ port: number; close(): Promise<void> }> {
  const log = options.log.child({ simulator: connection.id })
  try {
    if (connection.driver === 'modbus') {
      const units = Map.groupBy(points, ({ source }) =>
        source.driver === 'modbus' ? source.unit : undefined,
      )
      const maps = new Map(
        connection.devices.map(({ unit }) => [unit, mapUnit(units.get(unit) ?? [], signals)]),
      )
      return await startModbusServer({ ...at, framing: framingOf(connection), units: maps, clock, log })
    }
    if (connection.driver === 'opcua') {
      const folder = join(pkiFolder, connection.id)
      return await startOpcuaServer({
        ...at,
        security: connection,
        points,
        signals,
        pkiFolder: folder,
        clock,
        log,
      })
    }
    const { startSimulator } = await loadSimulator(connection.driver)
    return await startSimulator({ connection, at, points, signals, clock, log })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const place = `${connection.id}: cannot simulate ${formatAddress(at)}`
    if (code === 'EADDRINUSE' || message.includes('EADDRINUSE')) {
      throw new SimulatorError(`${place}: the port is in use; stop what listens there or choose another port`)
    }
    throw new SimulatorError(`${place}: ${message}`, { cause: error })
  }
}

/** The simulator that a driver brings in its folder. */
async function loadSimulator(driver: Connection['driver']): Promise<{ startSimulator: StartSimulator }> {
  return await import(`../gateway/drivers/${driver}/simulator.ts`)
}

/** A simulator in the place of a real device would pass invented values off as measured ones. */
function refuseRemote({ id }: Connection, address: Address): void {
  if (isLoopback(address.host)) return
  throw new SimulatorError(
    `${id}: ${formatAddress(address)} is not simulated: only loopback addresses such as 127.0.0.1 are`,
  )
}
