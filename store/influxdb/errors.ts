import { HttpError, RequestTimedOutError } from '@influxdata/influxdb-client'
import { StoreUnavailableError } from '../readings.ts'

/** InfluxDB has taken all points of a request but some, which it will never take. */
export class PartialWriteError extends Error {
  override readonly name = 'PartialWriteError'
  /** They are older than the bucket keeps its data. */
  readonly beyondRetention: boolean
  constructor(message: string, options: ErrorOptions) {
    super(message, options)
    this.beyondRetention = /(?:beyond|outside) retention policy/.test(message)
  }
}

/** More than InfluxDB, or a proxy before it, takes in one request. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

export class StoreTimeoutError extends StoreUnavailableError {}

/** The bucket is not there: what was known of its content no longer holds. */
export class BucketMissingError extends StoreUnavailableError {}

/** The same request will never be taken. Everything else may pass: a new token, a restart. */
const REFUSED_FOR_GOOD: ReadonlySet<number> = new Set([400, 422])

/** What a failed request means. No message holds the token. */
export function explain(error: unknown, url: string, bucket: string): Error {
  const cause = { cause: error }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RequestTimedOutError)
    return new StoreTimeoutError(`InfluxDB at ${url} does not answer in time`, cause)
  if (!(error instanceof HttpError))
    return new StoreUnavailableError(`InfluxDB at ${url} cannot be reached: ${message}`, cause)

  const { statusCode } = error
  const refused = `InfluxDB at ${url} refuses what is sent to bucket ${bucket}: ${message}`
  if (statusCode === 413) return new TooLargeError(refused, cause)
  if (REFUSED_FOR_GOOD.has(statusCode))
    return /partial write/.test(message) ? new PartialWriteError(refused, cause) : new Error(refused, cause)

  const answer = `InfluxDB at ${url} answers ${statusCode} (${message})`
  if (statusCode === 404)
    return new BucketMissingError(`${answer}: check the organisation and the bucket`, cause)
  if (statusCode === 401 || statusCode === 403)
    return new StoreUnavailableError(
      `${answer}: check that the token may read and write bucket ${bucket}`,
      cause,
    )
  return new StoreUnavailableError(answer, { ...cause, retryAfterMs: error.retryAfter() * 1000 })
}

/** What a failed statement means. */
export function explainStatement(error: string, url: string, bucket: string): Error {
  return new BucketMissingError(
    `InfluxDB at ${url} answers "${error}": check that bucket ${bucket} exists, and that ` +
      'InfluxQL reaches it under its name (a DBRP mapping; InfluxDB 2 makes one by itself)',
  )
}
