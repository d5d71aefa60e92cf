import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Address, formatAddress, isLoopback } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import { framingOf } from '../registry/modbus-line.ts'
import type { Point, Registry } from '../registry/registry.ts'
import type { Connection, MqttConnection } from '../registry/schema.ts'
import { mapUnit } from './modbus-map.ts'
import { startModbusServer } from './modbus-server.ts'
import { startOpcuaServer } from './opcua-server.ts'
import { loadRecordings } from './recordings.ts'
import type { Signal } from './signals/instrument.ts'
import { createSignals } from './signals/signals.ts'

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

/** Who speaks through a broker is not simulated: there is nothing to connect to but the broker. */
type Simulated = Exclude<Connection, MqttConnection>

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
  const connections = [...registry.gateways.values()]
    .flatMap(gateway => gateway.connections)
    .filter(connection => connection.driver !== 'mqtt')
  for (const connection of connections) refuseRemote(connection)
  const points = Map.groupBy(registry.points.values(), point => point.connection)
  const signals = createSignals({ registry, seed, recordings: await loadRecordings() })
  const addresses = new Map<string, Address>()
  await using running = new AsyncDisposableStack()
  for (const connection of connections) {
    const { host, port } = addressOf(connection)
    const at = { host, port: ports === 'any' ? 0 : port }
    const server = await startServer(connection, at, points.get(connection.id) ?? [], signals, options)
    running.defer(() => server.close())
    addresses.set(connection.id, { host, port: server.port })
  }
  const started = running.move()
  return { addresses, close: () => started.disposeAsync() }
}

async function startServer(
  connection: Simulated,
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
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const place = `${connection.id}: cannot simulate ${formatAddress(at)}`
    if (code === 'EADDRINUSE' || message.includes('EADDRINUSE')) {
      throw new SimulatorError(`${place}: the port is in use; stop what listens there or choose another port`)
    }
    throw new SimulatorError(`${place}: ${message}`, { cause: error })
  }
}

function addressOf(connection: Simulated): Address {
  if (connection.driver === 'modbus') {
    // A serial line has no address: who plays its devices listens where there is room.
    const { host = '127.0.0.1', port, serial } = connection
    return { host, port: serial ? 0 : port }
  }
  const { hostname, port } = new URL(connection.url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** A simulator in the place of a real device would pass invented values off as measured ones. */
function refuseRemote(connection: Simulated): void {
  const address = addressOf(connection)
  if (isLoopback(address.host)) return
  throw new SimulatorError(
    `${connection.id}: ${formatAddress(address)} is not simulated: only loopback addresses such as 127.0.0.1 are`,
  )
}
