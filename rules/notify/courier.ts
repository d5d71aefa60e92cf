import { setTimeout as pauseFor } from 'node:timers/promises'
import type { Logger } from 'pino'
import { pauseAfter } from '../../model/backoff.ts'
import type { Clock } from '../../model/clock.ts'
import { MINUTE_MS } from '../../model/time.ts'
import { type Send, Unreachable } from './channel.ts'
import type { Deliveries, Delivery } from './deliveries.ts'
import type { Notice, Notices, Outcome } from './notice.ts'

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
  /** From when each was to be told to its delivery, together, ms. */
  delayMs: number
}

interface CourierOptions {
  channel: string
  send: Send
  deliveries: Pick<Deliveries, 'notice'>
  /** Notes what has become of a notice, and what was answered, or why it was given up. */
  settled(notice: Notice, outcome: Outcome, receipt: string): void
  /** From so many alerts on that wait, they are sent at once; without it each by itself. */
  together?: number | undefined
  /** What was to be told so long ago is given up, ms. */
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
  const {
    channel,
    send,
    deliveries,
    settled,
    together = Number.POSITIVE_INFINITY,
    maxAge,
    retryMs,
    otherwise,
    clock,
    log,
  } = options
  // By alert, for the events of one alert arrive in order; one that keeps failing goes behind the other alerts.
  const queue = new Map<string, Delivery[]>()
  const counts = { delivered: 0, refused: 0, failed: 0, delayMs: 0 }
  const cut = new AbortController()
  // Ends a pause, not what is under way.
  const closing = new AbortController()
  let wake = () => {}
  let failures = 0
  /** When each delivery failed first, monotonic ms. */
  const failing = new Map<number, number>()

  async function run() {
    while (!closing.signal.aborted) {
      const heads = [...queue.values()].map(([head]) => head!)
      if (heads.length > 0) await attempt(heads.length >= together ? heads : heads.slice(0, 1))
      else await new Promise<void>(resolve => (wake = resolve))
    }
  }

  async function attempt(batch: readonly Delivery[]) {
    try {
      const [first, ...others] = batch.map(delivery => deliveries.notice(delivery)!).filter(isNews)
      if (!first) return
      const notices: Notices = [first, ...others]
      const receipt = await send(notices, cut.signal).catch(error => {
        if (error instanceof Unreachable) return giveUp(notices, error.message)
        throw error
      })
      failures = 0
      if (receipt === undefined) return
      for (const notice of notices) settle(notice, 'delivered', receipt)
    } catch (error) {
      if (cut.signal.aborted) return
      failures += 1
      counts.refused += 1
      const pause = pauseAfter(failures, retryMs, LONGEST_PAUSE_MS)
      const { alert } = batch[0]!
      log.warn(
        { channel, alert, reason: (error as Error).message, pause },
        'notification failed, trying again',
      )
      for (const delivery of batch) retryLater(delivery)
      await pauseFor(pause, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  function isNews(notice: Notice): boolean {
    const { event, due } = notice
    if (clock.now() - due <= maxAge) return true
    const note = { channel, alert: event.alert.id, event: event.type }
    log.error(note, 'notification given up: the event is too old to tell')
    settle(notice, 'failed', 'too old to tell')
    return false
  }

  /** What reaches nobody however often it is tried, another channel tells at once. */
  function giveUp(notices: Notices, reason: string): undefined {
    for (const notice of notices) {
      const { alert } = notice.event
      log.warn({ channel, alert: alert.id, reason }, 'notification given up: nobody can be reached here')
      otherwise?.tell(notice)
      settle(notice, 'failed', reason)
    }
  }

  /** Puts an alert behind the others, and has another channel told where this one has failed for long enough. */
  function retryLater({ alert, number }: Delivery) {
    const events = queue.get(alert)
    if (events?.[0]?.number !== number) return
    queue.delete(alert)
    queue.set(alert, events)
    if (!otherwise) return
    const since = failing.get(number) ?? clock.elapsed()
    failing.set(number, since)
    // Told once: what another channel was asked is known on disk.
    if (clock.elapsed() - since >= otherwise.after) otherwise.tell(deliveries.notice({ number })!)
  }

  function settle(notice: Notice, outcome: Outcome, receipt: string) {
    const { number, event, due } = notice
    const alert = event.alert.id
    // Out of the queue first: when the disk refuses the note, a repeat after a restart is better than one now.
    failing.delete(number)
    const events = queue.get(alert)!
    events.shift()
    if (events.length === 0) queue.delete(alert)
    counts[outcome] += 1
    if (outcome === 'delivered') counts.delayMs += Math.max(0, clock.now() - due)
    try {
      settled(notice, outcome, receipt)
    } catch (error) {
      log.error({ err: error, channel, alert }, 'the outcome of a notification was not noted')
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
