import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { Point } from '../../../registry/registry.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import type { Deliver, Driver, DriverContext, ReadTime, Session } from '../../driver.ts'
import { Breaker } from './breaker.ts'
import { decodeAnswer } from './decode.ts'
import { type Answer, answerOf, explainPoint } from './explain.ts'
import { OwedAnswers } from './owed-answers.ts'
import { ModbusException } from './pdu.ts'
import {
  halvesOf,
  type ModbusPoint,
  type ModbusRequest,
  planAlone,
  planGently,
  requestKey,
} from './plan-requests.ts'
import { SlowUnits } from './slow-units.ts'
import { ConnectionLost, connectTransport, ModbusTimeout, type Transport } from './transport.ts'

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
    slow: new SlowUnits(connection.slowShare),
    owed: new OwedAnswers(),
  }
  return {
    async connect() {
      const transport = await connectTransport(connection, address, memory.owed)
      return new ModbusSession(transport, memory, { connection, clock, log })
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
  slow: SlowUnits
  /** Of units on a serial line. */
  owed: OwedAnswers
}

/** What is asked of one unit. */
interface PlannedUnit {
  unit: number
  points: readonly ModbusPoint[]
  requests: readonly ModbusRequest[]
  /** The points as the registry has them. */
  asked: ReadonlySet<Point>
}

/** One unit in one read. */
interface Turn {
  unit: number
  points: readonly ModbusPoint[]
  /** What is still to be asked. */
  queue: ModbusRequest[]
  /** Points of which nothing is told yet. */
  waiting: Set<Point>
  deliver: Deliver
  /** What it took so far, ms. */
  took: number
  /** Whether the unit, and not only a converter before it, has answered; if it is slow, what it was asked last. */
  answered: boolean
}

/** Of a unit that answers others. */
const SILENT_TO_THIS: Answer = { kind: 'silence', isAlone: true }

/** For who reads without a schedule. */
const AS_LONG_AS_IT_TAKES: ReadTime = { until: Infinity, leave: () => {} }

class ModbusSession implements Session {
  readonly lost: Promise<Error>
  readonly #transport: Transport
  readonly #memory: Memory
  readonly #connection: ModbusConnection
  readonly #clock: Clock
  readonly #log: Logger
  #timeoutsInARow = 0
  #answered = false
  /** The same points are asked for again and again. */
  #planned: { for: readonly Point[]; units: readonly PlannedUnit[] } = { for: [], units: [] }

  constructor(
    transport: Transport,
    memory: Memory,
    { connection, clock, log }: Pick<DriverContext<ModbusConnection>, 'connection' | 'clock' | 'log'>,
  ) {
    this.lost = transport.lost
    this.#transport = transport
    this.#memory = memory
    this.#connection = connection
    this.#clock = clock
    this.#log = log
  }

  async close(): Promise<void> {
    this.#transport.close()
  }

  /**
   * Request by request, unit after unit. A unit that has used its part of the time goes behind the others, and so do
   * those that were slow before. Those that were silent are last, by turns and until one is silent again: however many
   * are dead, they delay the others by one time-out a read.
   */
  async read(points: readonly Point[], deliver: Deliver, time = AS_LONG_AS_IT_TAKES): Promise<void> {
    const { units, slow } = this.#memory
    this.#answered = false
    const start = this.#clock.elapsed()
    const planned = this.#plan(points)
    const part = (time.until - start) / planned.length
    const isInTime = ({ unit, took }: Turn) => took + slow.lastTook(unit) <= part
    const turnsOf = (some: readonly PlannedUnit[]) => this.#turnsOf(some, deliver)

    const [sound, failing] = [false, true].map(is => planned.filter(({ unit }) => units.failing(unit) === is))
    const late = turnsOf(sound!.filter(({ unit }) => slow.has(unit)))
    late.push(...(await this.#takeTurns(turnsOf(sound!.filter(({ unit }) => !slow.has(unit))), isInTime)))
    let allAnswer = true
    for (const each of failing!.sort((a, b) => units.retryAt(a.unit) - units.retryAt(b.unit))) {
      if (allAnswer && units.allows(each.unit, this.#clock.elapsed())) {
        late.push(...(await this.#takeTurns(turnsOf([each]), isInTime)))
        allAnswer = !units.failing(each.unit)
      } else deliver(bad(each.points, 'bad:timeout', units.reason(each.unit)))
    }
    await this.#takeLateTurns(late, start, time)
  }

  /** Asks each once, and again and again while it is in time. Returns those that were not, with what is left. */
  async #takeTurns(turns: Turn[], isInTime: (turn: Turn) => boolean): Promise<Turn[]> {
    const late: Turn[] = []
    for (let round = turns; round.length > 0; ) {
      const next: Turn[] = []
      for (const turn of round) {
        await this.#ask(turn)
        if (turn.queue.length > 0) (isInTime(turn) ? next : late).push(turn)
      }
      round = next
    }
    return late
  }

  /** Asks those that are late while nothing else is due or their share of the line allows it, and leaves the rest. */
  async #takeLateTurns(late: Turn[], start: number, { until, leave }: ReadTime): Promise<void> {
    const { slow, units } = this.#memory
    for (const { took } of late) if (took > 0) slow.use(took, start)
    const isLate = new Set(late.map(({ unit }) => unit))
    const areOthers = [...slow.asked].some(
      unit => !isLate.has(unit) && !slow.has(unit) && !units.failing(unit),
    )
    const left: Turn[] = []
    for (let turn = late.shift(); turn; turn = late.shift()) {
      await this.#transport.quiet()
      const now = this.#clock.elapsed()
      const isFree = !areOthers || now + slow.lastTook(turn.unit) <= until
      if (isFree || slow.hasShare(now)) {
        await this.#ask(turn)
        const took = this.#clock.elapsed() - now
        if (isFree) slow.useFree(took, start)
        else slow.use(took, start)
        if (turn.queue.length > 0) late.push(turn)
      } else left.push(turn)
    }
    for (const turn of left) {
      const { unit, queue, waiting, answered } = turn
      slow.isLate(unit, { queue, answered })
      const asked = new Set(queue.flatMap(({ points }) => points))
      this.#tellSilence(turn, point => !asked.has(point))
      leave([...waiting], `unit ${unit} on ${this.#transport.place}`)
    }
  }

  #plan(points: readonly Point[]): readonly PlannedUnit[] {
    const { for: before, units } = this.#planned
    if (points.length === before.length && points.every((point, i) => point === before[i])) return units
    const byUnit = Map.groupBy(points.map(modbusPoint), point => point.unit)
    const planned = [...byUnit].map(([unit, own]) => ({
      unit,
      points: own,
      requests: planGently(own),
      asked: new Set(own.map(({ point }) => point)),
    }))
    this.#planned = { for: points, units: planned }
    return planned
  }

  /** But for units of which nothing is asked now. */
  #turnsOf(some: readonly PlannedUnit[], deliver: Deliver): Turn[] {
    const turns = some.map(each => this.#begin(each, deliver))
    for (const turn of turns) if (turn.queue.length === 0) this.#tellSilence(turn, () => true)
    return turns.filter(({ queue }) => queue.length > 0)
  }

  #begin(planned: PlannedUnit, deliver: Deliver): Turn {
    const waiting = new Set(planned.asked)
    return {
      unit: planned.unit,
      points: planned.points,
      queue: [...this.#inOrder(planned)],
      waiting,
      deliver(samples) {
        // What was asked alone first may come again with its neighbours.
        const news = samples.filter(({ point }) => waiting.delete(point))
        if (news.length > 0) deliver(news)
      },
      took: 0,
      answered: this.#memory.slow.answered(planned.unit),
    }
  }

  /**
   * One request. After the first time-out the unit is left alone until it is polled again. One that has answered
   * something else by then is there: some devices say nothing where others answer exception 2. If it is slow, such a
   * time-out is one of its answers that take long, and no more.
   */
  async #ask(turn: Turn): Promise<void> {
    const { unit, queue, points } = turn
    const { units, slow } = this.#memory
    const request = queue.shift()!
    let fault: string | undefined
    try {
      queue.unshift(...(await this.#readRequest(request, turn)))
      if (queue.length === 0) turn.answered = true
    } catch (error) {
      if (!(error instanceof ModbusTimeout)) throw error
      fault = this.#explain(request, turn.answered ? SILENT_TO_THIS : answerOf(error))
      if (turn.answered && slow.has(unit)) turn.deliver(bad(request.points, 'bad:timeout', fault))
      else queue.length = 0
      if (turn.answered) turn.answered = false
      else {
        if (!units.failing(unit)) this.#log.warn({ unit }, fault)
        units.failed(unit, this.#clock.elapsed(), fault)
      }
    }
    if (turn.answered) {
      if (units.failing(unit))
        this.#log.info({ unit }, `unit ${unit} on ${this.#transport.place} answers again`)
      units.succeeded(unit)
    }
    if (queue.length > 0) return
    slow.keepsUp(unit, points, turn.answered)
    this.#tellSilence(turn, () => true, fault)
  }

  /** Of what is not asked for in this turn any more. */
  #tellSilence(
    { points, waiting, deliver }: Turn,
    of: (point: ModbusPoint) => boolean,
    fault?: string,
  ): void {
    if (waiting.size === 0) return
    for (const point of points.filter(point => waiting.has(point.point) && of(point)))
      deliver(bad([point], 'bad:timeout', fault ?? this.#silenceOf(point)))
  }

  /**
   * What a unit was silent to is asked behind what it answers, by halves, and as a whole again when these answer; where
   * it is slow in its turn, or the others would come first for ever. A unit that is silent altogether is asked for
   * something else each time: it may be one register only that silences it.
   */
  #inOrder({ unit, points, requests }: PlannedUnit): readonly ModbusRequest[] {
    const { units, silences, answered, slow } = this.#memory
    const isSilent = (request: ModbusRequest) => silences.failing(requestKey(request))
    const partsOf = (request: ModbusRequest): ModbusRequest[] => {
      const halves = halvesOf(request)
      if (!isSilent(request))
        return halves.length > 0 && slow.isLeftWithin(request) ? halves.flatMap(partsOf) : [request]
      const isDue = !halves.some(isSilent) && silences.allows(requestKey(request), this.#clock.elapsed())
      return [...halves.flatMap(partsOf), ...(isDue ? [request] : [])]
    }
    if (slow.has(unit) && !units.failing(unit)) return slow.fromNext(unit, requests.flatMap(partsOf))
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

  /**
   * A refused request is halved until only the points at fault are left; what was refused is remembered. Returns what is
   * to be asked in its place.
   */
  async #readRequest(request: ModbusRequest, turn: Turn): Promise<readonly ModbusRequest[]> {
    const { refusals, silences, answered } = this.#memory
    const { deliver } = turn
    const key = requestKey(request)
    if (refusals.allows(key, this.#clock.elapsed())) {
      try {
        const data = await this.#send(request, turn)
        refusals.succeeded(key)
        silences.succeeded(key)
        answered.set(request.unit, request)
        deliver(decodeAnswer(request, data))
        return []
      } catch (error) {
        if (error instanceof ModbusTimeout && turn.answered) this.#silent(request)
        const quality = faultOf(error)
        if (quality === undefined) throw error
        silences.succeeded(key)
        const fault = this.#explain(request, answerOf(error as Error))
        const isFinal = !isRefusal(error) || request.points.length === 1
        if (isFinal && !refusals.failing(key)) this.#warn(request, fault)
        if (!isRefusal(error)) {
          deliver(bad(request.points, quality, fault))
          return []
        }
        refusals.failed(key, this.#clock.elapsed(), fault)
      }
    }
    if (request.points.length === 1) deliver(bad(request.points, 'bad:exception', refusals.reason(key)))
    return halvesOf(request)
  }

  /** Why a point is left alone that its unit was silent to. */
  #silenceOf(point: ModbusPoint): string | undefined {
    const [alone] = planAlone([point])
    return this.#memory.silences.reason(requestKey(alone!))
  }

  #silent(request: ModbusRequest): void {
    const { silences } = this.#memory
    const key = requestKey(request)
    const fault = this.#explain(request, SILENT_TO_THIS)
    if (!silences.failing(key)) this.#warn(request, fault)
    silences.failed(key, this.#clock.elapsed(), fault)
  }

  #warn({ points }: ModbusRequest, fault: string): void {
    this.#log.warn({ points: points.map(({ point }) => point.id) }, fault)
  }

  #explain(request: ModbusRequest, answer: Answer): string {
    return explainPoint({ place: this.#transport.place, connection: this.#connection }, request, answer)
  }

  async #send(request: ModbusRequest, turn: Turn): Promise<number[]> {
    // What follows the silence of one is not the time of the next.
    await this.#transport.quiet()
    const start = this.#clock.elapsed()
    try {
      const data = await this.#transport.read(request)
      this.#heard()
      turn.answered = true
      return data
    } catch (error) {
      // A connection that was cut without a word looks just like silent units.
      if (!(error instanceof ModbusTimeout)) this.#heard()
      else if (++this.#timeoutsInARow >= TIMEOUTS_TO_RECONNECT && !this.#answered) this.#transport.close()
      if (isException(error, GATEWAY_PATH_UNAVAILABLE, GATEWAY_TARGET_SILENT)) {
        throw new ModbusTimeout(error.message, { cause: error })
      }
      turn.answered ||= error instanceof ModbusException
      throw error
    } finally {
      const took = this.#clock.elapsed() - start
      turn.took += took
      this.#memory.slow.took(turn.unit, took)
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

function bad(points: readonly ModbusPoint[], quality: QualityCode, fault?: string) {
  return points.map(({ point }) => ({ point, value: null, quality, fault }))
}

function modbusPoint(point: Point): ModbusPoint {
  if (point.source.driver !== 'modbus') throw new Error(`${point.id} has no modbus source`)
  return { point, unit: point.source.unit, source: point.source.modbus }
}
