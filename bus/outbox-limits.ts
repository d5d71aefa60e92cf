import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { OutboxStatus } from '../model/delivery.ts'
import { STREAMS } from '../model/delivery.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import type { Entry, Outbox } from './contract.ts'

/** What the outboxes of one sender may hold, together. */
export interface OutboxLimits {
  /** On disk, with what is needed to announce what was given up. */
  maxBytes: number
  /** How long entries may wait while the sender runs, ms. */
  maxAge: number
}

export const OUTBOX_LIMITS: OutboxLimits = { maxBytes: 1024 ** 3, maxAge: 30 * DAY_MS }

export interface LimitedOutboxes {
  /** How full they are, and for how long they suffice at the present rate. */
  status(): OutboxStatus
  close(): void
}

/** The part of the size that is kept free for the gaps and for what comes in one append. */
const RESERVED_SHARE = 1 / 64
/** The rate is that of the last hour, or of the time since the start. */
const RATE_WINDOW_MS = HOUR_MS

/** Entries are given up for their age with this precision, as a share of the limit. */
const AGE_STEP = 1 / 64

/** How far the streams had come at a time of the monotonic clock. */
interface Mark {
  at: number
  next: number[]
  appended: number[]
}

/**
 * Keeps the outboxes of a sender within their limits: when they are full, the oldest entries of the lowest
 * priority are given up first. Age is counted by the monotonic clock and from the start of the process, so
 * that a wrong clock can't cost anything. Works beside `append`, never in it.
 */
export function limitOutboxes(options: {
  outboxes: readonly Outbox<Entry>[]
  limits?: Partial<OutboxLimits>
  clock: Clock
  log: Logger
  /** How often age and rate are looked at. */
  tickMs?: number
}): LimitedOutboxes {
  const { clock, log, tickMs = MINUTE_MS } = options
  const { maxBytes, maxAge } = { ...OUTBOX_LIMITS, ...options.limits }
  const outboxes = options.outboxes.toSorted((a, b) => STREAMS.indexOf(a.stream) - STREAMS.indexOf(b.stream))
  const limit = maxBytes * (1 - RESERVED_SHARE)
  let recent = [mark()]
  const aging = [mark()]
  let soon: NodeJS.Immediate | undefined
  let full = false

  function mark(): Mark {
    return {
      at: clock.elapsed(),
      next: outboxes.map(outbox => outbox.next),
      appended: outboxes.map(outbox => outbox.bytesAppended),
    }
  }

  function wake(): void {
    if (bytesOf(outboxes) > limit) soon ??= setImmediate(makeRoom)
  }

  /** One segment at a time, so that the event loop goes on between them. */
  function makeRoom(): void {
    soon = undefined
    guarded(() => {
      if (!outboxes.findLast(outbox => outbox.dropOldest())) return
      if (!full) log.error({ maxBytes }, 'the outbox is full: the oldest entries are given up and announced')
      full = true
      wake()
    })
  }

  function tick(): void {
    const now = mark()
    recent = [...recent.filter(({ at }) => now.at - at < RATE_WINDOW_MS), now]
    if (now.at - aging.at(-1)!.at >= maxAge * AGE_STEP) aging.push(now)
    const old = aging.findLastIndex(({ at }) => now.at - at >= maxAge)
    if (old >= 0) giveUpBelow(aging.splice(0, old + 1)[old]!.next)
    full &&= bytesOf(outboxes) > limit / 2
    wake()
  }

  function giveUpBelow(numbers: readonly number[]): void {
    guarded(() => {
      for (const [i, outbox] of outboxes.entries()) {
        if (!outbox.dropOldest(numbers[i])) continue
        log.error({ stream: outbox.stream, maxAge }, 'entries too old are given up and announced')
        while (outbox.dropOldest(numbers[i]));
      }
    })
  }

  function guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      log.error({ err: error }, 'the outbox can give up nothing')
    }
  }

  const stops = outboxes.map(outbox => outbox.onAppend(wake))
  const timer = setInterval(tick, tickMs)
  wake()

  return {
    status() {
      const [since] = recent as [Mark]
      const elapsed = Math.max(1, clock.elapsed() - since.at)
      const rates = outboxes.map((outbox, i) => (outbox.bytesAppended - since.appended[i]!) / elapsed)
      return describeFill(outboxes, rates, maxBytes)
    },
    close() {
      for (const stop of stops) stop()
      clearInterval(timer)
      if (soon) clearImmediate(soon)
    },
  }
}

/**
 * The fill of streams in the order of their priority. A stream has the space that those above it leave, and
 * loses entries once those below it have nothing left to give up; rates in bytes/ms.
 */
export function describeFill(
  outboxes: readonly Pick<Outbox<Entry>, 'stream' | 'bytes'>[],
  rates: readonly number[],
  maxBytes: number,
): OutboxStatus {
  let bytes = 0
  let rate = 0
  const streams: OutboxStatus['streams'] = {}
  for (const [i, outbox] of outboxes.entries()) {
    bytes += outbox.bytes
    rate += rates[i]!
    const timeLeftMs = Math.round(Math.max(0, maxBytes - bytes) / rate)
    const ofStream = outbox.bytes + (streams[outbox.stream]?.bytes ?? 0)
    streams[outbox.stream] = { bytes: ofStream, ...(rate > 0 && { timeLeftMs }) }
  }
  return { bytes, maxBytes, share: bytes / maxBytes, streams }
}

function bytesOf(outboxes: readonly Pick<Outbox<Entry>, 'bytes'>[]): number {
  return outboxes.reduce((sum, { bytes }) => sum + bytes, 0)
}
