import { AttributeIds, type ClientSession, type DataValue, type OPCUAClient } from 'node-opcua'
import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { Point } from '../../../registry/registry.ts'
import type { OpcuaConnection } from '../../../registry/schema.ts'
import type { Deliver, Driver, DriverContext, Sample, Session } from '../../driver.ts'
import { closeClient, connectClient, openSession } from './client.ts'
import { decodeDataValue, type Statement, timeOf } from './data-values.ts'
import { HistoryRefused, HistoryUnanswered, nodesWithHistory, readHistory } from './history.ts'
import { Memory } from './memory.ts'
import { inRequests, sourceOf } from './nodes.ts'
import {
  LIFETIME_MS,
  type Subscription,
  type SubscriptionEvents,
  SubscriptionRefused,
  subscribe,
} from './subscription.ts'

/** Reads that fail in a row, on a connection that counts as good, before it is made anew. */
const FAILED_READS = 3
/** How long the session and its subscription may take to be repaired once there is a connection. */
const REPAIR_MS = 10_000
/** Samples that a subscription may miss before it is taken for dead. */
const MISSED_SAMPLES = 3

/** OPC-UA: subscriptions with source timestamps, and reads where they are silent; see README.md. */
export function createDriver(context: DriverContext<OpcuaConnection>): Driver {
  const { connection, address, log } = context
  const known: Known = { memory: new Memory(), told: new Map(), behind: new Map() }
  const weakness = address ? undefined : weaknessOf(connection)
  if (weakness) log.warn(weakness)
  return {
    async connect() {
      const client = await connectClient(connection, context)
      try {
        const session = await openSession(client, connection)
        return new OpcuaSession(client, session, known, context)
      } catch (error) {
        await closeClient(client)
        throw error
      }
    },
  }
}

/** Why others on the way could read or change what is said; undefined where they cannot. */
function weaknessOf({ securityMode, securityPolicy, login }: OpcuaConnection): string | undefined {
  if (securityMode === 'None') {
    const password =
      login && 'username' in login ? ', the password too where the server does not ask for better' : ''
    return `securityMode None: what the server says can be read and changed on its way${password}`
  }
  if (securityPolicy === 'Basic128Rsa15' || securityPolicy === 'Basic256')
    return `securityPolicy ${securityPolicy} is broken: use another as soon as the server can`
  return undefined
}

/** What stays known from one session to the next. */
interface Known {
  memory: Memory
  /** Why points have no value, as was told last. */
  told: Map<Point, string>
  /** Until when all is known of points of which the history of an outage is still to be read, ms UTC. */
  behind: Map<Point, number>
  /** Why there is no subscription, in words for the installer. */
  refusal?: string
}

class OpcuaSession implements Session {
  readonly #client: OPCUAClient
  readonly #session: ClientSession
  readonly #known: Known
  readonly #clock: Clock
  readonly #log: Logger
  readonly #lost = Promise.withResolvers<Error>()
  #subscribing: Promise<unknown> = Promise.resolve()
  #subscription: Subscription | undefined
  /** Asks for a subscription that was refused once more. */
  #again: { at: number; ask(): Promise<void> } | undefined
  /** Points of which reads bring changes that the subscription did not, since when (monotonic ms). */
  readonly #missing = new Map<Point, number>()
  /** The times of what was said in this session, until the history is read. */
  #heard: Map<Point, Set<number>> | undefined
  /** The last times of the history of points of which the subscription may still say the same. */
  readonly #kept = new Map<Point, Set<number>>()
  #isClosed = false
  #failedReads = 0
  #giveUp: NodeJS.Timeout | undefined

  constructor(
    client: OPCUAClient,
    session: ClientSession,
    known: Known,
    { clock, log }: DriverContext<OpcuaConnection>,
  ) {
    this.#client = client
    this.#session = session
    this.#known = known
    this.#clock = clock
    this.#log = log
    for (const [point, time] of known.memory.times())
      if (!known.behind.has(point)) known.behind.set(point, time)
    if (known.behind.size > 0) this.#heard = new Map()
    client.on('connection_lost', () => {
      log.warn('connection lost, reconnecting')
      // The server has forgotten the subscription by then: there is nothing left to resume.
      this.#giveUp ??= setTimeout(() => this.#lose('reconnecting takes too long'), LIFETIME_MS)
    })
    // There is a line again. With some servers the library asks for ever for what the subscription has kept.
    client.on('after_reconnection', () => {
      clearTimeout(this.#giveUp)
      this.#giveUp = setTimeout(() => this.#lose('the session could not be taken up again'), REPAIR_MS)
    })
    client.on('connection_reestablished', () => {
      log.info('connected again')
      clearTimeout(this.#giveUp)
      this.#giveUp = undefined
    })
    client.on('close', () => this.#lose('the connection was closed'))
    session.on('session_closed', () => this.#lose('the server closed the session'))
  }

  get lost(): Promise<Error> {
    return this.#lost.promise
  }

  get trouble(): string | undefined {
    return this.#known.refusal
  }

  async close(): Promise<void> {
    clearTimeout(this.#giveUp)
    this.#isClosed = true
    this.#lose('closed')
    await closeClient(this.#client, this.#subscribing)
  }

  async read(points: readonly Point[], deliver: Deliver): Promise<void> {
    // The library would hold the request until the connection is repaired.
    if (this.#session.isReconnecting) throw new Error('connection lost, reconnecting')
    try {
      for (const some of inRequests(points)) {
        const answers = await this.#session.read(
          some.map(point => ({ nodeId: sourceOf(point).node, attributeId: AttributeIds.Value })),
        )
        deliver(some.map((point, index) => this.#answered(point, answers[index]!)))
      }
      this.#failedReads = 0
      this.#askAgain()
    } catch (error) {
      if (++this.#failedReads >= FAILED_READS) this.#lose((error as Error).message)
      throw error
    }
  }

  async subscribe(points: readonly Point[], deliver: Deliver): Promise<void> {
    // Changes come one by one, many at a time: they are journalled together.
    let together: Sample[] = []
    const flush = () => {
      const samples = together
      together = []
      deliver(samples)
    }
    const events: SubscriptionEvents = {
      changed: (point, value) => {
        this.#missing.delete(point)
        if (this.#isKept(point, value)) return
        const sample = this.#known.memory.notification(point, this.#decode(point, value), this.#clock.now())
        if (sample && together.push(sample) === 1) setImmediate(flush)
      },
      refused: (point, reason) => this.#tell(point, reason),
      ended: error => this.#lose(error.message),
    }
    const ask = async () => {
      const at = this.#clock.elapsed() + LIFETIME_MS
      try {
        this.#subscription = await subscribe(this.#session, points, events)
        this.#known.refusal = undefined
      } catch (error) {
        this.#doWithout(error)
        this.#again = { at, ask }
      }
    }
    this.#subscribing = ask()
    await this.#subscribing
    this.#subscribing = this.#catchUp(points, deliver)
    await this.#subscribing
  }

  /** What gives no subscription is read, and told to once. */
  #doWithout(error: unknown): void {
    if (!(error instanceof SubscriptionRefused)) throw error
    if (this.#known.refusal !== error.message) this.#log.warn(error.message)
    this.#known.refusal = error.message
  }

  /** After a power cut a server may have none left only until it drops those of before. */
  #askAgain(): void {
    const again = this.#again
    if (!again || this.#isClosed || this.#clock.elapsed() < again.at) return
    this.#again = undefined
    const asked = again.ask().catch(error => this.#lose(error.message))
    this.#subscribing = Promise.allSettled([this.#subscribing, asked])
  }

  /** Reads from the server's history what was missed since the session before, beside what is said now. */
  async #catchUp(points: readonly Point[], deliver: Deliver): Promise<void> {
    const { behind } = this.#known
    const missed = points.filter(point => behind.has(point))
    try {
      for (const some of inRequests(missed)) {
        if (this.#isClosed) return
        const nodes = some.map(point => sourceOf(point).node)
        const kept = await nodesWithHistory(this.#session, nodes)
        for (const [index, point] of some.entries()) {
          if (kept[index]) await this.#readHistory(point, deliver)
          if (!this.#isClosed) behind.delete(point)
        }
      }
    } catch (error) {
      if (!(error instanceof HistoryUnanswered)) throw error
      this.#log.warn(`${error.message}: what was missed is asked for at the next connection`)
    } finally {
      this.#heard = undefined
    }
  }

  async #readHistory(point: Point, deliver: Deliver): Promise<void> {
    const { behind } = this.#known
    const before = behind.get(point)!
    try {
      const pages = readHistory(this.#session, sourceOf(point).node, before + 1, this.#clock.now())
      for await (const page of pages) {
        if (this.#isClosed) return
        const statements = page.map(value => decodeDataValue(value, sourceOf(point)))
        const news = statements.filter(({ time = 0 }) => time > before && !this.#heard?.get(point)?.has(time))
        deliver(news.map(({ time, value, quality }) => ({ point, time, value, quality, late: true })))
        const times = news.map(({ time = 0 }) => time)
        this.#kept.set(point, new Set(times))
        behind.set(point, Math.max(before, ...times))
      }
    } catch (error) {
      if (!(error instanceof HistoryRefused)) throw error
      this.#tell(point, error.message)
    }
  }

  #answered(point: Point, value: DataValue) {
    const { sample, changed } = this.#known.memory.answer(
      point,
      this.#decode(point, value),
      this.#clock.now(),
    )
    if (changed) this.#doubt(point)
    return sample
  }

  /** Whether the history has told it. What comes behind the history is beyond it. */
  #isKept(point: Point, value: DataValue): boolean {
    const isKept = this.#kept.get(point)?.has(timeOf(value) ?? NaN) ?? false
    if (!isKept) this.#kept.delete(point)
    return isKept
  }

  #decode(point: Point, value: DataValue): Statement {
    const statement = decodeDataValue(value, sourceOf(point))
    if (statement.fault !== this.#known.told.get(point)) this.#tell(point, statement.fault)
    if (this.#heard && statement.time !== undefined) {
      const times = this.#heard.get(point)
      if (times) times.add(statement.time)
      else this.#heard.set(point, new Set([statement.time]))
    }
    return statement
  }

  /** Once, until something else is to be told. */
  #tell(point: Point, fault: string | undefined): void {
    if (fault === undefined) this.#known.told.delete(point)
    else {
      this.#known.told.set(point, fault)
      this.#log.warn(`${point.id}, node ${sourceOf(point).node}: ${fault}`)
    }
  }

  /** A change that only a read brought may just be on its way; several are none of the subscription's any more. */
  #doubt(point: Point): void {
    const sampling = this.#subscription?.samplingMs(point)
    // Within a deadband a server rightly says nothing.
    if (sampling === undefined || sourceOf(point).deadband !== undefined) return
    const since = this.#missing.get(point) ?? this.#clock.elapsed()
    this.#missing.set(point, since)
    if (this.#clock.elapsed() - since > MISSED_SAMPLES * Math.max(sampling, point.interval)) {
      this.#lose(`the subscription says nothing of ${point.id}, which changes`)
    }
  }

  #lose(message: string): void {
    this.#lost.resolve(new Error(message))
  }
}
