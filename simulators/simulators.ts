import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Address, addressOfUrl, formatAddress, isLoopback } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import { DECLARATIONS } from '../registry/driver-declaration.ts'
import { framingOf } from '../registry/modbus-line.ts'
import type { Point, Registry } from '../registry/registry.ts'
import type { Connection } from '../registry/schema.ts'
import { isPlayed, startForecastServer } from './forecast-server.ts'
import { mapUnit } from './modbus-map.ts'
import { BEHAVES, startModbusServer } from './modbus-server.ts'
import { startOpcuaServer } from './opcua-server.ts'
import { loadRecordings } from './recordings.ts'
import { behaviourOf, nodeBehaviourOf } from './scenarios/answers.ts'
import { type Director, openDirector } from './scenarios/director.ts'
import type { Place, Stage } from './scenarios/stage.ts'
import type { Signal } from './signals/instrument.ts'
import { createSignals } from './signals/signals.ts'
import { replayWeather } from './signals/weather.ts'
import { openSimulatedTime, type SimulatedTime } from './simulated-time.ts'
import type { StartSimulator } from './start-simulator.ts'

export interface Simulators {
  /** Where each connection of the registry is listened for, by its id. */
  addresses: ReadonlyMap<string, Address>
  /** Where the forecasts are that it plays, by their source. */
  forecasts: ReadonlyMap<string, string>
  director: Director
  close(): Promise<void>
}

interface Options {
  registry: Registry
  seed: number
  /** For the certificates of the OPC-UA servers, and what was given to be played. */
  folder: string
  /** YAML */
  scenarios?: string
  /** Those that run in this process. */
  gateways?: Iterable<string>
  /** How many times as fast as the clock the simulated world goes. */
  speed?: number
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
 * Starts a server for every connection of a registry, those to brokers apart, and for every source of forecasts on
 * loopback, at its own address; what is then read there follows from seed, point and time alone.
 * @throws SimulatorError when an address is not of this machine, or is in use; no server is left running.
 * @throws RegistryError when something is wrong in the file of scenarios.
 */
export async function startSimulators(options: Options): Promise<Simulators> {
  const { registry, gateways, seed, ports, folder, scenarios, speed = 1, clock } = options
  mkdirSync(folder, { recursive: true })
  const timeThere = openSimulatedTime(join(folder, 'clock.json'), speed, clock.now())
  const director = await openDirector({
    registry,
    gateways,
    file: scenarios,
    kept: join(folder, 'scenarios.json'),
    now: () => timeThere(clock.now()),
  })
  const connections = [...registry.gateways.values()].flatMap(gateway => gateway.connections)
  const places = connections.flatMap(connection => {
    const address = DECLARATIONS[connection.driver].addressOf?.(connection)
    return address ? { connection, address } : []
  })
  for (const { connection, address } of places) refuseRemote(connection, address)
  const placed = ({ host, port }: Address) => ({ host, port: ports === 'any' ? 0 : port })
  const points = Map.groupBy(registry.points.values(), point => point.connection)
  const { stage } = director
  const recordings = await loadRecordings()
  const signals = createSignals({ registry, seed, stage, recordings })
  // The first value of a meter adds up the years since it was installed: not while a gateway waits for an answer.
  for (const signal of signals.values()) signal(timeThere(clock.now()))
  const addresses = new Map<string, Address>()
  const forecasts = new Map<string, string>()
  await using running = new AsyncDisposableStack()
  for (const { connection, address } of places) {
    const world: World = { points: points.get(connection.id) ?? [], signals, stage, timeThere }
    const at = placed(address)
    const server = await listening(connection.id, at, startServer(connection, at, world, options))
    running.defer(() => server.close())
    addresses.set(connection.id, { host: at.host, port: server.port })
  }
  const sky = { weather: replayWeather(recordings.weather, seed), seed, sites: registry.sites, timeThere }
  for (const source of [...registry.forecasts.values()].filter(isPlayed)) {
    const at = placed(addressOfUrl(source.url))
    const starting = startForecastServer({ source, at, world: sky, now: clock.now })
    const { port, close } = await listening(source.id, at, starting)
    running.defer(close)
    forecasts.set(source.id, `http://${formatAddress({ ...at, port })}/`)
  }
  const started = running.move()
  return { addresses, forecasts, director, close: () => started.disposeAsync() }
}

/** What a server shows. */
interface World {
  points: readonly Point[]
  signals: ReadonlyMap<string, Signal>
  stage: Stage
  timeThere: SimulatedTime
}

/** The device of a point. */
function placeOf({ site, device, connection, gateway }: Point): Place {
  return { site, device, connection, gateway }
}

async function startServer(
  connection: Connection,
  at: Address,
  { points, signals, stage, timeThere }: World,
  { clock, folder, ...options }: Options,
): Promise<{ port: number; close(): Promise<void> }> {
  const log = options.log.child({ simulator: connection.id })
  const now = () => timeThere(clock.now())
  const isRefusing = () =>
    points.some(point => stage.playing('connection-refused', placeOf(point), now()) !== undefined)
  if (connection.driver === 'modbus') {
    const units = Map.groupBy(points, ({ source }) => (source.driver === 'modbus' ? source.unit : undefined))
    const denies = (point: Point, time: number) =>
      stage.playing('illegal-register', point, time) !== undefined
    const maps = new Map(
      connection.devices.map(({ unit }) => [unit, mapUnit(units.get(unit) ?? [], signals, denies)]),
    )
    return await startModbusServer({
      ...at,
      framing: framingOf(connection),
      units: maps,
      behaviour: unit => {
        const [point] = units.get(unit) ?? []
        return point ? behaviourOf(stage, placeOf(point), now()) : BEHAVES
      },
      isRefusing,
      clock: { ...clock, now },
      log,
    })
  }
  const behaviour = nodeBehaviourOf(stage, timeThere)
  if (connection.driver === 'opcua') {
    return await startOpcuaServer({
      ...at,
      security: connection,
      points,
      signals,
      behaviour,
      isRefusing,
      pkiFolder: join(folder, 'pki', connection.id),
      clock,
      log,
    })
  }
  const { startSimulator } = await loadSimulator(connection.driver)
  return await startSimulator({ connection, at, points, signals, behaviour, isRefusing, clock, log })
}

/**
 * What a server becomes.
 * @throws SimulatorError that names whose it is, and its address, where it cannot listen there
 */
async function listening<T>(id: string, at: Address, server: Promise<T>): Promise<T> {
  try {
    return await server
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const place = `${id}: cannot simulate ${formatAddress(at)}`
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
