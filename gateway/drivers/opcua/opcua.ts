import { AttributeIds, type ClientSession, type DataValue, type OPCUAClient } from 'node-opcua'
import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { Point } from '../../../registry/registry.ts'
import type { OpcuaConnection } from '../../../registry/schema.ts'
import type { Deliver, Driver, DriverContext, Sample, Session } from '../../driver.ts'
import { closeClient, connectClient, openSession } from './client.ts'
import { decodeDataValue } from './data-values.ts'
import { Memory } from './memory.ts'
import { nodeOf } from './nodes.ts'
import { LIFETIME_MS, type Subscription, subscribe } from './subscription.ts'

/** Nodes a Read request: below what small servers take. */
const NODES_PER_READ = 100
/** Reads that fail in a row, on a connection that counts as good, before it is made anew. */
const FAILED_READS = 3
/** Samples that a subscription may miss before it is taken for dead. */
const MISSED_SAMPLES = 3

/** OPC-UA: subscriptions with source timestamps, and reads where they are silent; see README.md. */
export function createOpcuaDriver(context: DriverContext<OpcuaConnection>): Driver {
  const { connection, address, log } = context
  const memory = new Memory()
  const weakness = address ? undefined : weaknessOf(connection)
  if (weakness) log.warn(weakness)
  return {
    async connect() {
      const client = await connectClient(connection, context)
      try {
        const session = await openSession(client, connection)
        return new OpcuaSession(client, session, memory, context.clock, log)
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

class OpcuaSession implements Session {
  readonly #client: OPCUAClient
  readonly #session: ClientSession
  readonly #memory: Memory
  readonly #clock: Clock
  readonly #lost = Promise.withResolvers<Error>()
  #subscribing: Promise<unknown> = Promise.resolve()
  #subscription: Subscription | undefined
  /** Points of which reads bring changes that the subscription did not, since when (monotonic ms). */
  readonly #missing = new Map<Point, number>()
  #failedReads = 0
  #giveUp: NodeJS.Timeout | undefined

  constructor(client: OPCUAClient, session: ClientSession, memory: Memory, clock: Clock, log: Logger) {
    this.#client = client
    this.#session = session
    this.#memory = memory
    this.#clock = clock
    client.on('connection_lost', () => {
      log.warn('connection lost, reconnecting')
      // The server has forgotten the subscription by then: there is nothing left to resume.
      this.#giveUp ??= setTimeout(() => this.#lose('reconnecting takes too long'), LIFETIME_MS)
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

  async close(): Promise<void> {
    clearTimeout(this.#giveUp)
    this.#lose('closed')
    await closeClient(this.#client, this.#subscribing)
  }

  async read(points: readonly Point[], deliver: Deliver): Promise<void> {
    // The library would hold the request until the connection is repaired.
    if (this.#session.isReconnecting) throw new Error('connection lost, reconnecting')
    try {
      for (let from = 0; from < points.length; from += NODES_PER_READ) {
        const some = points.slice(from, from + NODES_PER_READ)
        const answers = await this.#session.read(
          some.map(point => ({ nodeId: nodeOf(point), attributeId: AttributeIds.Value })),
        )
        deliver(some.map((point, index) => this.#answered(point, answers[index]!)))
      }
      this.#failedReads = 0
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
    const subscribing = subscribe(this.#session, points, {
      changed: (point, value) => {
        this.#missing.delete(point)
        const sample = this.#memory.notification(point, decodeDataValue(value), this.#clock.now())
        if (sample && together.push(sample) === 1) setImmediate(flush)
      },
      ended: error => this.#lose(error.message),
    })
    this.#subscribing = subscribing
    this.#subscription = await subscribing
  }

  #answered(point: Point, value: DataValue) {
    const { sample, changed } = this.#memory.answer(point, decodeDataValue(value), this.#clock.now())
    if (changed) this.#doubt(point)
    return sample
  }

  /** A change that only a read brought may just be on its way; several are none of the subscription's any more. */
  #doubt(point: Point): void {
    const sampling = this.#subscription?.samplingMs(point)
    if (sampling === undefined) return
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
