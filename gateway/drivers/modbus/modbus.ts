import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { Point } from '../../../registry/registry.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import type { Deliver, Driver, DriverContext, Session } from '../../driver.ts'
import { Breaker } from './breaker.ts'
import { decodeAnswer } from './decode.ts'
import { type ModbusPoint, type ModbusRequest, planRequests } from './plan-requests.ts'
import {
  ConnectionLost,
  connectTransport,
  ModbusException,
  ModbusTimeout,
  type Transport,
} from './transport.ts'

/** Reads along no address that no point names: many devices refuse those. */
const PLAN = { maxGap: 0 }
/** Time-outs in a row, none answering when it was last read, after which the connection itself is taken for dead. */
const TIMEOUTS_TO_RECONNECT = 2

const ILLEGAL_DATA_ADDRESS = 2
const ILLEGAL_DATA_VALUE = 3
/** Answered by a gateway on behalf of a unit that it cannot reach. */
const GATEWAY_PATH_UNAVAILABLE = 10
const GATEWAY_TARGET_SILENT = 11

/** Modbus, over TCP or a serial line: registers and bits, read by requests that are planned; see README.md. */
export function createDriver({ connection, address, clock, log }: DriverContext<ModbusConnection>): Driver {
  const memory: Memory = {
    units: new Breaker(),
    refusals: new Breaker(),
    silences: new Breaker({ forgiven: 0 }),
    answered: new Map(),
  }
  return {
    async connect() {
      const transport = await connectTransport(connection, address)
      return new ModbusSession(transport, memory, clock, log)
    },
  }
}

/** What outlives a connection. */
interface Memory {
  /** Units that do not answer. */
  units: Breaker<number>
  /** Requests that the device refuses, by {@link requestKey}. */
  refusals: Breaker<string>
  /** Requests that a unit does not answer while it answers others, by {@link requestKey}. */
  silences: Breaker<string>
  /** What a unit answered last. */
  answered: Map<number, ModbusRequest>
}

/** What is asked of one unit. */
interface PlannedUnit {
  unit: number
  points: readonly ModbusPoint[]
  requests: readonly ModbusRequest[]
}

class ModbusSession implements Session {
  readonly lost: Promise<Error>
  readonly #transport: Transport
  readonly #memory: Memory
  readonly #clock: Clock
  readonly #log: Logger
  #timeoutsInARow = 0
  #answered = false
  /** Whether the unit that is read, and not only a converter before it, has answered since its turn began. */
  #unitAnswered = false
  /** The same points are asked for again and again. */
  #planned: { for: readonly Point[]; units: readonly PlannedUnit[] } = { for: [], units: [] }

  constructor(transport: Transport, memory: Memory, clock: Clock, log: Logger) {
    this.lost = transport.lost
    this.#transport = transport
    this.#memory = memory
    this.#clock = clock
    this.#log = log
  }

  async close(): Promise<void> {
    this.#transport.close()
  }

  /**
   * Unit by unit, those that were silent last, by turns and until one is silent again: however many are dead, they
   * delay the others by one time-out a read.
   */
  async read(points: readonly Point[], deliver: Deliver): Promise<void> {
    const { units } = this.#memory
    this.#answered = false
    const planned = this.#plan(points)
    const [sound, failing] = [false, true].map(is => planned.filter(({ unit }) => units.failing(unit) === is))
    for (const each of sound!) await this.#readUnit(each, deliver)
    let allAnswer = true
    for (const each of failing!.sort((a, b) => units.retryAt(a.unit) - units.retryAt(b.unit))) {
      if (allAnswer && units.allows(each.unit, this.#clock.elapsed())) {
        await this.#readUnit(each, deliver)
        allAnswer = !units.failing(each.unit)
      } else deliver(bad(each.points, 'bad:timeout'))
    }
  }

  #plan(points: readonly Point[]): readonly PlannedUnit[] {
    const { for: before, units } = this.#planned
    if (points.length === before.length && points.every((point, i) => point === before[i])) return units
    const byUnit = Map.groupBy(points.map(modbusPoint), point => point.unit)
    const planned = [...byUnit].map(([unit, own]) => ({
      unit,
      points: own,
      requests: planRequests(own, PLAN),
    }))
    this.#planned = { for: points, units: planned }
    return planned
  }

  /**
   * After the first time-out the unit is left alone until it is polled again. One that has answered something else by
   * then is there: some devices say nothing where others answer exception 2.
   */
  async #readUnit(planned: PlannedUnit, deliver: Deliver): Promise<void> {
    const { unit, points } = planned
    const { units } = this.#memory
    const waiting = new Map(points.map(point => [point.point, point]))
    this.#unitAnswered = false
    try {
      for (const request of this.#inOrder(planned)) {
        await this.#readRequest(request, samples => {
          // What was asked alone first may come again with its neighbours.
          const news = samples.filter(({ point }) => waiting.delete(point))
          if (news.length > 0) deliver(news)
        })
      }
      this.#unitAnswered = true
    } catch (error) {
      if (!(error instanceof ModbusTimeout)) throw error
      if (!this.#unitAnswered) {
        if (!units.failing(unit)) this.#log.warn({ unit }, error.message)
        units.failed(unit, this.#clock.elapsed())
      }
    }
    if (this.#unitAnswered) {
      if (units.failing(unit)) this.#log.info({ unit }, `unit ${unit} answers again`)
      units.succeeded(unit)
    }
    if (waiting.size > 0) deliver(bad([...waiting.values()], 'bad:timeout'))
  }

  /**
   * What a unit was silent to is asked behind what it answers, by halves, and as a whole again when these answer. A
   * unit that is silent altogether is asked for something else each time: it may be one register only that silences it.
   */
  #inOrder({ unit, points, requests }: PlannedUnit): readonly ModbusRequest[] {
    const { units, silences, answered } = this.#memory
    const isSilent = (request: ModbusRequest) => silences.failing(requestKey(request))
    const partsOf = (request: ModbusRequest): ModbusRequest[] => {
      if (!isSilent(request)) return [request]
      const halves = halvesOf(request)
      const isDue = !halves.some(isSilent) && silences.allows(requestKey(request), this.#clock.elapsed())
      return [...halves.flatMap(partsOf), ...(isDue ? [request] : [])]
    }
    const isHalved = !silences.isEmpty && requests.some(isSilent)
    const parts = isHalved
      ? requests.flatMap(partsOf).sort((a, b) => Number(isSilent(a)) - Number(isSilent(b)))
      : requests
    let first = isHalved ? answered.get(unit) : undefined
    if (units.failing(unit)) {
      const all = [...requests, ...(points.length > requests.length ? planAlone(points) : [])]
      first = all[units.count(unit) % all.length]!
    }
    if (!first) return parts
    const key = requestKey(first)
    return [first, ...parts.filter(part => requestKey(part) !== key)]
  }

  /** A refused request is halved until only the points at fault are left; what was refused is remembered. */
  async #readRequest(request: ModbusRequest, deliver: Deliver): Promise<void> {
    const { refusals, silences, answered } = this.#memory
    const key = requestKey(request)
    if (refusals.allows(key, this.#clock.elapsed())) {
      try {
        const data = await this.#ask(request)
        refusals.succeeded(key)
        silences.succeeded(key)
        answered.set(request.unit, request)
        return deliver(decodeAnswer(request, data))
      } catch (error) {
        if (error instanceof ModbusTimeout && this.#unitAnswered) this.#silent(request, error)
        const quality = faultOf(error)
        if (quality === undefined) throw error
        silences.succeeded(key)
        if (!refusals.failing(key))
          this.#log.warn({ points: request.points.map(p => p.point.id) }, String(error))
        if (!isRefusal(error)) return deliver(bad(request.points, quality))
        refusals.failed(key, this.#clock.elapsed())
      }
    }
    if (request.points.length === 1) return deliver(bad(request.points, 'bad:exception'))
    for (const part of halvesOf(request)) await this.#readRequest(part, deliver)
  }

  #silent(request: ModbusRequest, { message }: ModbusTimeout): void {
    const { silences } = this.#memory
    const key = requestKey(request)
    if (!silences.failing(key))
      this.#log.warn({ points: request.points.map(p => p.point.id) }, `${message}, to this alone`)
    silences.failed(key, this.#clock.elapsed())
  }

  async #ask(request: ModbusRequest): Promise<number[]> {
    try {
      const data = await this.#transport.read(request)
      this.#heard()
      this.#unitAnswered = true
      return data
    } catch (error) {
      // A connection that was cut without a word looks just like silent units.
      if (!(error instanceof ModbusTimeout)) this.#heard()
      else if (++this.#timeoutsInARow >= TIMEOUTS_TO_RECONNECT && !this.#answered) this.#transport.close()
      if (isException(error, GATEWAY_PATH_UNAVAILABLE, GATEWAY_TARGET_SILENT)) {
        throw new ModbusTimeout(error.message)
      }
      this.#unitAnswered ||= error instanceof ModbusException
      throw error
    }
  }

  #heard(): void {
    this.#timeoutsInARow = 0
    this.#answered = true
  }
}

/** What an error says of the points of one request; `undefined` when it concerns more than them. */
function faultOf(error: unknown): QualityCode | undefined {
  if (error instanceof ModbusTimeout || error instanceof ConnectionLost) return undefined
  return error instanceof ModbusException ? 'bad:exception' : 'bad:undecodable'
}

function isRefusal(error: unknown): boolean {
  return isException(error, ILLEGAL_DATA_ADDRESS, ILLEGAL_DATA_VALUE)
}

function isException(error: unknown, ...codes: number[]): error is ModbusException {
  return error instanceof ModbusException && codes.includes(error.code)
}

function bad(points: readonly ModbusPoint[], quality: QualityCode) {
  return points.map(({ point }) => ({ point, value: null, quality }))
}

/** The requests for one half of the points and for the other; none for a single point. */
function halvesOf({ points }: ModbusRequest): ModbusRequest[] {
  if (points.length === 1) return []
  const middle = Math.ceil(points.length / 2)
  return [points.slice(0, middle), points.slice(middle)].flatMap(half => planRequests(half, PLAN))
}

function planAlone(points: readonly ModbusPoint[]): ModbusRequest[] {
  return points.flatMap(point => planRequests([point], PLAN))
}

function requestKey({ unit, table, address, count }: ModbusRequest): string {
  return `${unit}/${table}/${address}/${count}`
}

function modbusPoint(point: Point): ModbusPoint {
  if (point.source.driver !== 'modbus') throw new Error(`${point.id} has no modbus source`)
  return { point, unit: point.source.unit, source: point.source.modbus }
}
