import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { StoreUnavailableError } from '../readings.ts'

export interface InfluxdbOptions {
  url: string
  token: string
  org: string
  bucket: string
}

export type Cell = number | string | boolean | null

/** Rows of one series: `columns` begin with `time`, ms UTC. */
export interface Series {
  tags: Record<string, string>
  rows: Cell[][]
}

/**
 * The two requests that the store needs, over the client's own transport: its WriteApi retries in memory
 * and drops what does not fit, and it has no InfluxQL.
 */
export interface Connection {
  /** Resolves when InfluxDB has all lines; what was written before an error stays written. Times in ms. */
  write(lines: readonly string[]): Promise<void>
  /** Removes the points of a measurement that carry the tags, with from <= time < to. */
  erase(measurement: string, tags: Record<string, string>, from: number, to: number): Promise<void>
  /** InfluxQL: the series of each statement. */
  query(statements: readonly string[]): Promise<Series[][]>
  /** Gives up the requests under way. */
  close(): void
}

/** Larger requests are what makes InfluxDB quick, up to about this. */
const LINES_PER_REQUEST = 20_000
const STATEMENTS_PER_REQUEST = 100
const TIMEOUT_MS = 30_000

/** Bad requests: the same one will never be taken. Everything else may pass (a new token, a restart). */
const REFUSED_FOR_GOOD: ReadonlySet<number> = new Set([400, 413, 422])

/** Connects to nothing yet. */
export function createConnection({ url, token, org, bucket }: InfluxdbOptions): Connection {
  const { transport } = new InfluxDB({ url, token, timeout: TIMEOUT_MS })
  const writePath = `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' })}`
  // A bucket answers InfluxQL as a database: by its own name, or as `database/retention-policy`.
  const [db, rp] = bucket.includes('/') ? bucket.split('/', 2) : [bucket]
  const queryPath = `/query?${new URLSearchParams({ db: db!, ...(rp && { rp }), epoch: 'ms' })}`

  const deletePath = `/api/v2/delete?${new URLSearchParams({ org, bucket })}`

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

  return {
    async write(lines) {
      for (let first = 0; first < lines.length; first += LINES_PER_REQUEST) {
        const body = lines.slice(first, first + LINES_PER_REQUEST).join('\n')
        await post(writePath, body, 'text/plain; charset=utf-8')
      }
    },
    async erase(measurement, tags, from, to) {
      const conditions = Object.entries(tags).map(([tag, value]) => `${tag}=${JSON.stringify(value)}`)
      const predicate = [`_measurement=${JSON.stringify(measurement)}`, ...conditions].join(' AND ')
      const start = new Date(from).toISOString()
      const stop = new Date(to - 1).toISOString() // inclusive
      await post(deletePath, JSON.stringify({ start, stop, predicate }), 'application/json')
    },
    async query(statements) {
      const answers: Series[][] = []
      for (let first = 0; first < statements.length; first += STATEMENTS_PER_REQUEST) {
        const q = statements.slice(first, first + STATEMENTS_PER_REQUEST).join(';')
        const body = new URLSearchParams({ q }).toString()
        const answer = await post(queryPath, body, 'application/x-www-form-urlencoded')
        for (const result of (answer as Answer).results) {
          if (result.error) {
            throw new StoreUnavailableError(
              `InfluxDB at ${url} answers "${result.error}": check that bucket ${bucket} exists, and that ` +
                'InfluxQL reaches it under its name (a DBRP mapping; InfluxDB 2 makes one by itself)',
            )
          }
          answers.push(
            (result.series ?? []).map(series => ({ tags: series.tags ?? {}, rows: series.values })),
          )
        }
      }
      return answers
    },
    close() {
      for (const request of underWay) request.abort()
    },
  }
}

interface Answer {
  results: { error?: string; series?: { tags?: Record<string, string>; values: Cell[][] }[] }[]
}

function explain(error: unknown, url: string, bucket: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof HttpError)) {
    return new StoreUnavailableError(`InfluxDB at ${url} cannot be reached: ${message}`, { cause: error })
  }
  if (REFUSED_FOR_GOOD.has(error.statusCode)) {
    return new Error(`InfluxDB at ${url} refuses what is sent to bucket ${bucket}: ${message}`, {
      cause: error,
    })
  }
  const hint =
    error.statusCode === 401 || error.statusCode === 403
      ? `: check that the token may read and write bucket ${bucket}`
      : error.statusCode === 404
        ? ': check the organisation and the bucket'
        : ''
  return new StoreUnavailableError(`InfluxDB at ${url} answers ${error.statusCode} (${message})${hint}`, {
    cause: error,
  })
}
