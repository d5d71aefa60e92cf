import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'

const PAUSE_MS = 10 * 60_000
/** Topics that are told apart; what comes under still others is counted by its reason. */
const MAX_TOPICS = 1000
/** Reasons that are told apart beside them, which may name what a broken message holds; still others are one. */
const MAX_REASONS = 1000
const ANY_REASON = ''

/** Counts messages that cannot be read, and logs each topic and reason at first and then now and then. */
export class Complaints {
  readonly #counts = new Map<string, { count: number; logged: number }>()
  readonly #clock: Clock
  readonly #log: Logger

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  /** `reason` continues the sentence that begins with the message, such as `is no JSON`. */
  add(topic: string, reason: string): void {
    const now = this.#clock.elapsed()
    const own = `${reason}\n${topic}`
    const key = this.#hasRoomFor(own, MAX_TOPICS)
      ? own
      : this.#hasRoomFor(reason, MAX_TOPICS + MAX_REASONS)
        ? reason
        : ANY_REASON
    const entry = this.#counts.get(key) ?? { count: 0, logged: -Infinity }
    this.#counts.set(key, entry)
    entry.count++
    if (now - entry.logged < PAUSE_MS) return
    entry.logged = now
    this.#log.warn({ topic, count: entry.count }, `a message ${reason}`)
  }

  #hasRoomFor(key: string, most: number): boolean {
    return this.#counts.has(key) || this.#counts.size < most
  }
}
