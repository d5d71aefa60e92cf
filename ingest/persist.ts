import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { pauseAfter } from '../model/backoff.ts'
import { StoreUnavailableError } from '../store/readings.ts'

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 10_000
/** A store that asks for more is asked again nevertheless. */
const LONGEST_ASKED_MS = 300_000

/** Does something again, ever more slowly or when the store asks for it, until it succeeds; rejects only when the signal ends it. */
export async function persist<T>(
  what: string,
  action: () => Promise<T>,
  options: { log: Logger; signal?: AbortSignal; onRetry?: () => void },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await action()
    } catch (error) {
      options.signal?.throwIfAborted()
      const asked = error instanceof StoreUnavailableError ? error.retryAfterMs : 0
      const backoff = pauseAfter(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)
      const waitMs = Math.max(backoff, Math.min(asked, LONGEST_ASKED_MS))
      options.log.warn({ error: (error as Error).message, waitMs }, `${what} failed and is tried again`)
      options.onRetry?.()
      await pause(waitMs, undefined, { signal: options.signal })
    }
  }
}
