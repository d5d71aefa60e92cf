import { pauseAfter } from '../../../model/backoff.ts'
import { MINUTE_MS } from '../../../model/time.ts'

const FIRST_PAUSE_MS = 5000
const LONGEST_PAUSE_MS = 5 * MINUTE_MS

/**
 * Remembers what failed (a unit that is silent, an address that is refused), so that it is asked again only
 * now and then. The first failure is forgiven; from the second on the pauses double, up to five minutes.
 */
export class Breaker<Key> {
  readonly #failures = new Map<Key, { count: number; retryAt: number }>()

  /** Whether to ask now; `elapsed` is monotonic ms. */
  allows(key: Key, elapsed: number): boolean {
    const failure = this.#failures.get(key)
    return !failure || elapsed >= failure.retryAt
  }

  /** Whether it failed when last asked. */
  failing(key: Key): boolean {
    return this.#failures.has(key)
  }

  /** From when on it may be asked, monotonic ms; -Infinity for what has not failed. */
  retryAt(key: Key): number {
    return this.#failures.get(key)?.retryAt ?? -Infinity
  }

  failed(key: Key, elapsed: number): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const pause = count === 1 ? 0 : pauseAfter(count - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
    this.#failures.set(key, { count, retryAt: elapsed + pause })
  }

  succeeded(key: Key): void {
    this.#failures.delete(key)
  }
}
