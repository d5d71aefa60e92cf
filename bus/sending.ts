import { pauseAfter } from '../model/backoff.ts'

/** How a sender paces itself. Times in ms of the monotonic clock. */
export interface SendingLimits {
  /** Entries in a message. */
  batchSize: number
  /** How long live entries wait for others to fill a batch, where one was sent so short a time ago. */
  flushDelayMs: number
  /** Entries of the backlog a second, all streams together. */
  backlogRate: number
  /** How long an acknowledgement may take before a batch is sent again; doubled at each repeat. */
  acknowledgementTimeoutMs: number
  /** The longest time between two repeats. */
  longestTimeoutMs: number
}

export const SENDING_LIMITS: SendingLimits = {
  batchSize: 500,
  flushDelayMs: 20,
  backlogRate: 100_000,
  acknowledgementTimeoutMs: 5000,
  longestTimeoutMs: 60_000,
}

/** A message that was sent and is not acknowledged. */
export interface SentBatch {
  first: number
  last: number
  backlog: boolean
  /** How often it was sent before. */
  repeats: number
  /** When it is sent again. */
  due: number
}

/** How far one stream has been sent over the present connection. */
export interface StreamProgress {
  /** The number that the next entry of the journal will get. */
  next: number
  /** Entries from this number on were journalled during the connection; those below are backlog. */
  liveFrom: number
  /** The next number to send of the live entries, and of the backlog. */
  live: number
  backlog: number
  /** When live entries were last sent; -Infinity before. */
  liveSent: number
  underWay: SentBatch[]
  /** How many entries may be under way. */
  window: number
}

/** What to do next: send a message of a stream, or wait for a time or, with Infinity, for an event. */
export type Step =
  | {
      send: { stream: number; from: number; limit: number; backlog: boolean; repeats: number; of?: SentBatch }
    }
  | { waitUntil: number }

/** The state at the beginning of a connection: all that is waiting is backlog. */
export function startOver(next: number, window: number): StreamProgress {
  return {
    ...{ next, liveFrom: next, live: next, backlog: 1 },
    ...{ liveSent: Number.NEGATIVE_INFINITY, underWay: [], window },
  }
}

/**
 * The next step of a sender whose streams are in the order of their priority: repeats that are due, then
 * live entries, then the backlog at its rate and in half of the window, so that live entries find room.
 */
export function planStep(
  streams: readonly StreamProgress[],
  backlogFrom: number,
  now: number,
  limits: SendingLimits,
): Step {
  let waitUntil = Number.POSITIVE_INFINITY
  for (const [stream, { underWay }] of streams.entries()) {
    for (const of of underWay) {
      const limit = of.last - of.first + 1
      if (of.due <= now)
        return { send: { stream, from: of.first, limit, backlog: of.backlog, repeats: of.repeats + 1, of } }
      waitUntil = Math.min(waitUntil, of.due)
    }
  }
  for (const [stream, progress] of streams.entries()) {
    const limit = Math.min(progress.next - progress.live, room(progress), limits.batchSize)
    if (limit <= 0) continue
    const due = progress.liveSent + limits.flushDelayMs
    if (limit === limits.batchSize || due <= now)
      return { send: { stream, from: progress.live, limit, backlog: false, repeats: 0 } }
    waitUntil = Math.min(waitUntil, due)
  }
  for (const [stream, progress] of streams.entries()) {
    const limit = Math.min(progress.liveFrom - progress.backlog, backlogRoom(progress), limits.batchSize)
    if (limit <= 0) continue
    if (backlogFrom <= now)
      return { send: { stream, from: progress.backlog, limit, backlog: true, repeats: 0 } }
    waitUntil = Math.min(waitUntil, backlogFrom)
  }
  return { waitUntil }
}

/** When a batch that was just sent is due again. */
export function dueAgain(now: number, repeats: number, limits: SendingLimits): number {
  return now + pauseAfter(repeats + 1, limits.acknowledgementTimeoutMs, limits.longestTimeoutMs)
}

function room(progress: StreamProgress): number {
  return progress.window - count(progress.underWay)
}

function backlogRoom(progress: StreamProgress): number {
  const half = Math.ceil(progress.window / 2)
  return Math.min(room(progress), half - count(progress.underWay.filter(batch => batch.backlog)))
}

function count(batches: readonly SentBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.last - batch.first + 1, 0)
}
