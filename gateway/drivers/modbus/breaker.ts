import { pauseAfter } from '../../../model/backoff.ts'
import { MINUTE_MS } from '../../../model/time.ts'

const FIRST_PAUSE_MS = 5000
const LONGEST_PAUSE_MS = 5 * MINUTE_MS

/**
 * Remembers what failed (a unit that is silent, an address that is refused), so that it is asked again only
 * now and then. The first failure is forgiven, unless told otherwise; then the pauses double, up to five minutes.
 */
export class Breaker<Key> {
  readonly #failures = new Map<Key, { count: number; retryAt: number; reason: string }>()
  readonly #forgiven: number

  constructor({ forgiven = 1 }: { forgiven?: number } = {}) {
    this.#forgiven = forgiven
  }

  /** Whether nothing failed when last asked. */
  get isEmpty(): boolean {
    return this.#failures.size === 0
  }

  /** Whether to ask now; `elapsed` is monotonic ms. */
  allows(key: Key, elapsed: number): boolean {
    const failure = this.#failures.get(key)
    return !failure || elapsed >= failure.retryAt
  }

  /** Whether it failed when last asked. */
  failing(key: Key): boolean {
    return this.#failures.has(key)
  }

  /** How often in a row it failed. */
  count(key: Key): number {
    return this.#failures.get(key)?.count ?? 0
  }

  /** From when on it may be asked, monotonic ms; -Infinity for what has not failed. */
  retryAt(key: Key): number {
    return this.#failures.get(key)?.retryAt ?? -Infinity
  }

  /** Why it failed when last asked, in words. */
  reason(key: Key): string | undefined {
    return this.#failures.get(key)?.reason
  }

  failed(key: Key, elapsed: number, reason: string): void {
    const count = this.count(key) + 1
    const paused = count - this.#forgiven
    const pause = paused < 1 ? 0 : pauseAfter(paused, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
    this.#failures.set(key, { count, retryAt: elapsed + pause, reason })
  }

  succeeded(key: Key): void {
    this.#failures.delete(key)
  }
}
