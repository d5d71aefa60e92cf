import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'

const PAUSE_MS = 10 * 60_000
/** Topics that are told apart; what comes under still others is counted by its reason. */
const MAX_TOPICS = 1000

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
    const key = this.#counts.has(own) || this.#counts.size < MAX_TOPICS ? own : reason
    const entry = this.#counts.get(key) ?? { count: 0, logged: -Infinity }
    this.#counts.set(key, entry)
    entry.count++
    if (now - entry.logged < PAUSE_MS) return
    entry.logged = now
    this.#log.warn({ topic, count: entry.count }, `a message ${reason}`)
  }
}
