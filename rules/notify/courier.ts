import { setTimeout as pauseFor } from 'node:timers/promises'
import type { Logger } from 'pino'
import { pauseAfter } from '../../model/backoff.ts'
import type { Clock } from '../../model/clock.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Send } from './channel.ts'
import type { Deliveries, Delivery } from './deliveries.ts'
import type { Notice, Outcome } from './notice.ts'

/** Sends what is queued on one channel, one at a time, until it has arrived or is too old to tell. */
export interface Courier {
  readonly counts: CourierCounts
  enqueue(delivery: Delivery): void
  /** Cuts off what is under way if it does not arrive at once; it stays queued on disk. */
  close(): Promise<void>
}

export interface CourierCounts {
  delivered: number
  /** Attempts that failed, each of which is tried again. */
  refused: number
  /** Deliveries given up. */
  failed: number
  waiting: number
}

interface CourierOptions {
  channel: string
  send: Send
  deliveries: Pick<Deliveries, 'notice'>
  /** Notes what has become of a notice, and what was answered, or why it was given up. */
  settled(notice: Notice, outcome: Outcome, receipt: string): void
  /** An event older than this is given up, ms. */
  maxAge: number
  /** The first pause after a failure, ms; it doubles with each further one. */
  retryMs: number
  /** Another channel is to tell what this one has not been able to for so long, ms; it goes on trying. */
  otherwise?: { after: number; tell(notice: Notice): void }
  clock: Clock
  log: Logger
}

const LONGEST_PAUSE_MS = 5 * MINUTE_MS
/** What is cut off here may have arrived, and will arrive again: worth a short wait. */
const GRACE_MS = 500

export function startCourier(options: CourierOptions): Courier {
  const { channel, send, deliveries, settled, maxAge, retryMs, otherwise, clock, log } = options
  // By alert, for the events of one alert arrive in order; one that keeps failing goes behind the other alerts.
  const queue = new Map<string, Delivery[]>()
  const counts = { delivered: 0, refused: 0, failed: 0 }
  const cut = new AbortController()
  // Ends a pause, not what is under way.
  const closing = new AbortController()
  let wake = () => {}
  let failures = 0
  /** When each delivery failed first, monotonic ms. */
  const failing = new Map<number, number>()

  async function run() {
    while (!closing.signal.aborted) {
      const [delivery] = queue.values().next().value ?? []
      if (delivery) await attempt(delivery)
      else await new Promise<void>(resolve => (wake = resolve))
    }
  }

  async function attempt(delivery: Delivery) {
    const { alert } = delivery
    try {
      const notice = deliveries.notice(delivery)!
      const { event } = notice
      const note = { channel, alert, event: event.type }
      if (clock.now() - event.time > maxAge) {
        log.error(note, 'notification given up: the event is too old to tell')
        return settle(delivery, notice, 'failed', 'too old to tell')
      }
      const receipt = await send(notice, cut.signal)
      failures = 0
      settle(delivery, notice, 'delivered', receipt)
    } catch (error) {
      if (cut.signal.aborted) return
      failures += 1
      counts.refused += 1
      const pause = pauseAfter(failures, retryMs, LONGEST_PAUSE_MS)
      log.warn(
        { channel, alert, reason: (error as Error).message, pause },
        'notification failed, trying again',
      )
      passOn(delivery)
      const events = queue.get(alert)!
      queue.delete(alert)
      queue.set(alert, events)
      await pauseFor(pause, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  function passOn(delivery: Delivery) {
    if (!otherwise) return
    const since = failing.get(delivery.number) ?? clock.elapsed()
    failing.set(delivery.number, since)
    // Told once: what another channel was asked is known on disk.
    if (clock.elapsed() - since >= otherwise.after) otherwise.tell(deliveries.notice(delivery)!)
  }

  function settle(delivery: Delivery, notice: Notice, outcome: Outcome, receipt: string) {
    // Out of the queue first: when the disk refuses the note, a repeat after a restart is better than one now.
    failing.delete(delivery.number)
    const events = queue.get(delivery.alert)!
    events.shift()
    if (events.length === 0) queue.delete(delivery.alert)
    counts[outcome] += 1
    try {
      settled(notice, outcome, receipt)
    } catch (error) {
      log.error({ err: error, channel, alert: delivery.alert }, 'the outcome of a notification was not noted')
    }
  }

  const running = run()
  return {
    get counts() {
      const waiting = [...queue.values()].reduce((sum, events) => sum + events.length, 0)
      return { ...counts, waiting }
    },
    enqueue(delivery) {
      const events = queue.get(delivery.alert)
      if (events) events.push(delivery)
      else queue.set(delivery.alert, [delivery])
      wake()
    },
    async close() {
      closing.abort()
      wake()
      const grace = setTimeout(() => cut.abort(), GRACE_MS)
      await running
      clearTimeout(grace)
    },
  }
}
