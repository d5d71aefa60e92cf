import { InfluxDB } from '@influxdata/influxdb-client'
import type { Interval } from '../../model/calendar.ts'
import { StoreUnavailableError } from '../readings.ts'
import { explain, explainStatement, PartialWriteError } from './errors.ts'
import { between, quoted } from './line-protocol.ts'
import { Portions } from './portions.ts'

export interface InfluxdbOptions {
  url: string
  token: string
  org: string
  bucket: string
  /** After how long without a sign a request counts as lost, 30 s. */
  timeoutMs?: number
}

export type Cell = number | string | boolean | null

/** Rows of one series: `columns` begin with `time`, ms UTC. */
export interface Series {
  columns: string[]
  tags: Record<string, string>
  rows: Cell[][]
}

/**
 * The requests that the store needs, over the client's own transport: its WriteApi retries in memory
 * and drops what does not fit, and it has no InfluxQL.
 */
export interface Connection {
  /**
   * Resolves when InfluxDB has all lines; what was written before an error stays written. Times in ms.
   * @throws PartialWriteError when it has all of them but some, which it will never take.
   */
  write(lines: readonly string[]): Promise<void>
  /** As write, but what is older than the bucket keeps its data may be left out. */
  writeWhatIsKept(lines: readonly string[]): Promise<void>
  /** Removes the points of a measurement that carry the tags and lie in the interval. */
  erase(measurement: string, tags: Record<string, string>, interval: Interval): Promise<void>
  /** InfluxQL: the series of each statement. */
  query(statements: readonly string[]): Promise<Series[][]>
  /** Gives up the requests under way. */
  close(): void
}

/** Larger requests are what makes InfluxDB quick, up to about this. */
const LINES_PER_REQUEST = 20_000
const STATEMENTS_PER_REQUEST = 100
const TIMEOUT_MS = 30_000

/** Connects to nothing yet. */
export function createConnection(options: InfluxdbOptions): Connection {
  const { url, token, org, bucket, timeoutMs = TIMEOUT_MS } = options
  const { transport } = new InfluxDB({ url, token, timeout: timeoutMs })
  const writePath = `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' })}`
  const queryPath = `/query?${new URLSearchParams({ ...databaseOf(bucket), epoch: 'ms' })}`
  const lineRequests = new Portions(LINES_PER_REQUEST)
  const statementRequests = new Portions(STATEMENTS_PER_REQUEST)

  const underWay = new Set<AbortController>()
  async function post(path: string, body: string, contentType: string): Promise<unknown> {
    const request = new AbortController()
    underWay.add(request)
    try {
      return await transport.request(path, body, {
        method: 'POST',
        headers: { 'content-type': contentType },
        signal: request.signal,
      })
    } catch (error) {
      throw explain(error, url, bucket)
    } finally {
      underWay.delete(request)
    }
  }

  async function write(lines: readonly string[]): Promise<void> {
    let partial: PartialWriteError | undefined
    await lineRequests.send(lines, async portion => {
      await post(writePath, portion.join('\n'), 'text/plain; charset=utf-8').catch(error => {
        if (!(error instanceof PartialWriteError)) throw error
        partial ??= error
      })
    })
    if (partial) throw partial
  }

  async function query(statements: readonly string[]): Promise<Series[][]> {
    const answers: Series[][] = []
    await statementRequests.send(statements, async portion => {
      const body = new URLSearchParams({ q: portion.join(';') }).toString()
      const answer = (await post(queryPath, body, 'application/x-www-form-urlencoded')) as Answer
      // A proxy's error page comes as text.
      if (typeof answer !== 'object')
        throw new StoreUnavailableError(`InfluxDB at ${url} answers a query with something else`)
      // A statement that deletes has no result in InfluxDB 2.
      const results = new Map(answer.results?.map(result => [result.statement_id, result]))
      for (const [id, statement] of portion.entries()) {
        const series = toSeries(results.get(id) ?? {}, url, bucket)
        // VictoriaMetrics answers whatever is asked with its databases.
        if (statement.startsWith('SELECT') && series.some(({ columns }) => columns[0] !== 'time'))
          throw new StoreUnavailableError(`What is at ${url} does not answer InfluxQL`)
        answers.push(series)
      }
    })
    return answers
  }

  return {
    write,
    async writeWhatIsKept(lines) {
      await write(lines).catch(error => {
        if (!(error instanceof PartialWriteError && error.beyondRetention)) throw error
      })
    },
    async erase(measurement, tags, interval) {
      const conditions = Object.entries(tags).map(([tag, value]) => `"${tag}" = ${quoted(value)}`)
      await query([`DELETE FROM "${measurement}" WHERE ${[...conditions, between(interval)].join(' AND ')}`])
    },
    query,
    close() {
      for (const request of underWay) request.abort()
    },
  }
}

/** A bucket answers InfluxQL as a database: by its own name, or as `database/retention-policy`. */
export function databaseOf(bucket: string): { db: string; rp?: string } {
  const [db, rp] = bucket.includes('/') ? bucket.split('/', 2) : [bucket]
  return { db: db!, ...(rp && { rp }) }
}

interface Answer {
  results?: (Result & { statement_id: number })[]
}

interface Result {
  error?: string
  series?: { columns: string[]; tags?: Record<string, string>; values: Cell[][]; partial?: boolean }[]
}

function toSeries({ error, series = [] }: Result, url: string, bucket: string): Series[] {
  if (error) throw explainStatement(error, url, bucket)
  // InfluxDB 1.x cuts at max-row-limit, and says so nowhere else.
  if (series.some(({ partial }) => partial))
    throw new StoreUnavailableError(`InfluxDB at ${url} cuts its answers: set max-row-limit to 0`)
  return series.map(({ columns, tags = {}, values }) => ({ columns, tags, rows: values }))
}
