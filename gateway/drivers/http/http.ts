import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { Point, PointSources } from '../../../registry/registry.ts'
import type { HttpConnection } from '../../../registry/schema.ts'
import { Memory } from '../../documents/memory.ts'
import { readValue } from '../../documents/read-value.ts'
import type { Deliver, Driver, DriverContext, Sample, Session } from '../../driver.ts'
import { createFetcher, DocumentFault, type Fetcher } from './fetch-document.ts'

/** HTTP: devices that give JSON documents to whoever asks; see README.md. */
export function createDriver({ connection, address, clock, log }: DriverContext<HttpConnection>): Driver {
  const known: Known = { memory: new Memory(), told: new Map() }
  return {
    // Whether anybody is there shows with the first document.
    connect: async () => new HttpSession(createFetcher(connection, address), known, connection, clock, log),
  }
}

/** What outlives a session. */
interface Known {
  memory: Memory
  /** What was told of documents and points that cannot be read, by path or point. */
  told: Map<string, string>
}

class HttpSession implements Session {
  readonly #fetcher: Fetcher
  readonly #known: Known
  readonly #connection: HttpConnection
  readonly #clock: Clock
  readonly #log: Logger
  /** Monotonic ms. */
  readonly #since: number
  readonly #lost = Promise.withResolvers<Error>()

  constructor(fetcher: Fetcher, known: Known, connection: HttpConnection, clock: Clock, log: Logger) {
    this.#fetcher = fetcher
    this.#known = known
    this.#connection = connection
    this.#clock = clock
    this.#log = log
    this.#since = clock.elapsed()
  }

  get lost(): Promise<Error> {
    return this.#lost.promise
  }

  async close(): Promise<void> {
    this.#fetcher.close()
    this.#lost.resolve(new Error('closed'))
  }

  /** One request a document, however many points lie in it; several documents at a time. */
  async read(points: readonly Point[], deliver: Deliver): Promise<void> {
    const waiting = [...Map.groupBy(points, point => sourceOf(point).path)]
    const faults: DocumentFault[] = []
    const count = waiting.length
    const take = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [path, own] = next
        const fault = await this.#readDocument(path, own, deliver)
        if (fault) faults.push(fault)
      }
    }
    await Promise.all(Array.from({ length: this.#connection.connections }, take))
    // Nobody is there: that is the connection's, and told in its state.
    if (faults.length === count && faults.every(({ quality }) => quality === 'bad:disconnected'))
      throw new Error(`${this.#connection.url} ${faults[0]!.message}`)
  }

  async #readDocument(
    path: string,
    points: readonly Point[],
    deliver: Deliver,
  ): Promise<DocumentFault | undefined> {
    try {
      const document = await this.#fetcher.fetch(path)
      this.#tell(path, this.#connection.url + path, undefined)
      deliver(this.#samplesOf(document, points))
      return undefined
    } catch (error) {
      if (!(error instanceof DocumentFault)) throw error
      const { quality, message } = error
      this.#tell(path, this.#connection.url + path, message)
      deliver(points.map(point => ({ point, value: null, quality })))
      return error
    }
  }

  /** What is news; of points that say the same time again and again, that nothing comes any more. */
  #samplesOf(document: unknown, points: readonly Point[]): Sample[] {
    const { memory } = this.#known
    const [arrival, now] = [this.#clock.now(), this.#clock.elapsed()]
    const samples = points.flatMap(point => {
      const { http, timeZone } = sourceOf(point)
      const { sample, problem } = readValue(document, point, http, { timeZone, arrival })
      this.#tell(point.id, point.id, problem && `its document ${problem}`)
      const told: Sample = sample ?? { point, value: null, quality: 'bad:undecodable' }
      return memory.accept(told, now) ? [told] : []
    })
    const silent = memory.takeSilent(points, this.#connection.silence, this.#since, now)
    return [...samples, ...silent.map(point => ({ point, value: null, quality: 'bad:timeout' as const }))]
  }

  /** Once, until something else is to be told. */
  #tell(key: string, subject: string, fault: string | undefined): void {
    const { told } = this.#known
    if (fault === told.get(key)) return
    if (fault === undefined) told.delete(key)
    else {
      told.set(key, fault)
      this.#log.warn(`${subject}: ${fault}`)
    }
  }
}

function sourceOf({ id, source }: Point): PointSources['http'] {
  if (source.driver !== 'http') throw new Error(`${id} has no http source`)
  return source
}
