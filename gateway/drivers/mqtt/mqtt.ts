import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { Point } from '../../../registry/registry.ts'
import type { MqttConnection } from '../../../registry/schema.ts'
import { Memory } from '../../documents/memory.ts'
import type { Deliver, Driver, DriverContext, Sample, Session } from '../../driver.ts'
import { type Client, closeClient, connectClient, subscribe } from './client.ts'
import { Complaints } from './complaints.ts'
import { widestFilters } from './filters.ts'
import { createJsonReader } from './json-reader.ts'
import { type Message, mqttPoint, type Reader, type Statement } from './reader.ts'
import { createSparkplugReader } from './sparkplug/reader.ts'

/** For so long after a session was resumed, what comes may have waited at the broker. */
const CATCHING_UP_MS = 60_000

/** MQTT: devices that speak through a broker of their own, in formats of their own; see README.md. */
export function createDriver({ connection, address, clock, log }: DriverContext<MqttConnection>): Driver {
  const ears: Ears = { memory: new Memory(), complaints: new Complaints(clock, log), readers: [] }
  return {
    async connect() {
      const inbox = new Inbox(clock)
      const client = await connectClient(connection, address, inbox.receive)
      return new MqttSession(client, inbox, ears, connection, clock, log)
    },
  }
}

/** What outlives a connection. */
interface Ears {
  memory: Memory
  complaints: Complaints
  /** They know births and aliases. */
  readers: Reader[]
}

/** Keeps what a resumed session delivers before anybody listens. */
class Inbox {
  readonly #clock: Clock
  #waiting: Message[] = []
  #listener: ((message: Message) => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  receive = (topic: string, payload: Buffer, retained: boolean): void => {
    const message = { topic, payload, retained, time: this.#clock.now() }
    if (this.#listener) this.#listener(message)
    else this.#waiting.push(message)
  }

  open(listener: (message: Message) => void): void {
    this.#listener = listener
    for (const message of this.#waiting) listener(message)
    this.#waiting = []
  }
}

class MqttSession implements Session {
  readonly lost: Promise<Error>
  readonly #client: Client
  readonly #inbox: Inbox
  readonly #ears: Ears
  readonly #connection: MqttConnection
  readonly #clock: Clock
  readonly #log: Logger
  /** Monotonic ms. */
  readonly #since: number

  constructor(
    client: Client,
    inbox: Inbox,
    ears: Ears,
    connection: MqttConnection,
    clock: Clock,
    log: Logger,
  ) {
    this.lost = client.lost
    this.#client = client
    this.#inbox = inbox
    this.#ears = ears
    this.#connection = connection
    this.#clock = clock
    this.#log = log
    this.#since = clock.elapsed()
  }

  async close(): Promise<void> {
    await closeClient(this.#client)
  }

  /** Nobody can be asked; of points that are overdue it is told, once. */
  async read(points: readonly Point[], deliver: Deliver): Promise<void> {
    const now = this.#clock.elapsed()
    const silent = this.#ears.memory.takeSilent(points, this.#connection.silence, this.#since, now)
    if (silent.length > 0)
      deliver(silent.map(point => ({ point, value: null, quality: 'bad:timeout' as const })))
  }

  async subscribe(points: readonly Point[], deliver: Deliver): Promise<void> {
    if (this.#ears.readers.length === 0) this.#ears.readers = createReaders(points)
    this.#inbox.open(message => this.#take(message, deliver))
    const filters = widestFilters(this.#ears.readers.flatMap(reader => reader.filters))
    const refused = await subscribe(this.#client.client, filters)
    for (const filter of refused) this.#log.error({ filter }, 'the broker refuses this subscription')
    if (refused.length === filters.length) throw new Error('the broker refuses every subscription')
    this.#log.info({ filters: filters.length }, 'subscribed')
  }

  #take(message: Message, deliver: Deliver): void {
    const { memory, complaints, readers } = this.#ears
    const { topic, payload } = message
    if (payload.length > this.#connection.maxPayload) {
      complaints.add(topic, 'is too long')
      return
    }
    const now = this.#clock.elapsed()
    const catchingUp = this.#client.resumed && now - this.#since < CATCHING_UP_MS
    for (const reader of readers) {
      const statement = this.#read(reader, message)
      if (!statement) continue
      for (const problem of statement.problems) complaints.add(topic, problem)
      const news = statement.samples.filter(sample => memory.accept(sample, now))
      if (news.length > 0) deliver(catchingUp ? news.map(kept) : news)
    }
  }

  /** An exception here would come out of the client's event and end the process. */
  #read(reader: Reader, message: Message): Statement | undefined {
    try {
      return reader.read(message)
    } catch (error) {
      this.#log.error({ err: error, topic: message.topic }, 'a message cannot be read')
      return undefined
    }
  }
}

/** The sample of a message that may have waited at the broker: without a time of its own nobody knows how long. */
function kept(sample: Sample): Sample {
  const quality = sample.time === undefined && sample.quality === 'good' ? 'uncertain:clock' : sample.quality
  return { ...sample, quality, late: true }
}

function createReaders(points: readonly Point[]): Reader[] {
  const all = points.map(mqttPoint)
  const sparkplug = all.filter(({ source }) => source.format === 'sparkplug-b')
  const json = all.filter(({ source }) => source.format !== 'sparkplug-b')
  return [createJsonReader(json), createSparkplugReader(sparkplug)]
}
