import { join } from 'node:path'
import type { Logger } from 'pino'
import type { NumberRange, Stream } from '../model/delivery.ts'
import type { Entry, Outbox, OutboxSlice } from './contract.ts'
import { lockFolder } from './folder-lock.ts'
import { makeFolder } from './folders.ts'
import { gapsLeft } from './gaps.ts'
import { bootId, mayHaveLost, type OutboxState, placeOf, readState, writeState } from './outbox-state.ts'
import { countUncovered, cover, coverBoth, nextUncovered, uncoveredUntil } from './ranges.ts'
import { openSegmentChain, type SegmentChain } from './segment-chain.ts'
import { holdsGaps, type Span, spanAt } from './segments.ts'

export interface OutboxOptions {
  /** The outbox lives in the folder `<folder>/<stream>`, made when missing. */
  folder: string
  stream: Stream
  log: Logger
  /**
   * How long entries may wait for the disk, ms: what a power cut can cost; the end of the process costs
   * nothing. 0: they are on the disk when `append` returns.
   */
  syncIntervalMs?: number
  /** A new segment file is begun beyond this size. */
  segmentBytes?: number
  /**
   * For a run that goes on elsewhere, perhaps: it takes nothing new, and what it lacks is not announced as
   * lost, since the other may have it.
   */
  ended?: boolean
  /**
   * Asked before the disk forgets what was acknowledged, for whoever has noted elsewhere only a part of it; where the
   * answer is no, it is kept.
   */
  mayForget?: () => boolean
}

export const SYNC_INTERVAL_MS = 1000
/** How many numbers are written down as given at a time. */
const RESERVE = 10_000

/**
 * Opens the journal of one stream, or begins it. Torn lines at its end, left by a write that was cut short,
 * are removed. Numbers that may have been given but are not found any more are announced as a gap and
 * never given again, since the other end may have stored something under them.
 * @throws Error when another process holds the outbox or its files cannot be read or written.
 */
export async function openOutbox<E extends Entry>(options: OutboxOptions): Promise<Outbox<E>> {
  const { stream } = options
  const { syncIntervalMs = SYNC_INTERVAL_MS, segmentBytes = 1024 * 1024 } = options
  const { ended = false, mayForget = () => true } = options
  const folder = join(options.folder, stream)
  const log = options.log.child({ outbox: folder })
  makeFolder(folder)
  const lock = lockFolder(folder)
  const place = placeOf(folder)

  let state: OutboxState
  /** Of what was acknowledged, that which may be forgotten. */
  let written: OutboxState['acknowledged']
  let chain: SegmentChain<E>
  let next: number
  try {
    state = readState(folder)
    written = state.acknowledged
    chain = openSegmentChain<E>(folder, { log, syncIntervalMs })
    const { lastFound, tailFound } = chain
    if (lastFound === undefined) {
      next = (ended ? state.acknowledged.upTo : state.reserved) + 1
      chain.begin(next)
    } else if (!ended && (tailFound === 'damaged' || mayHaveLost(state))) {
      next = Math.max(lastFound, state.reserved) + 1
      chain.begin(next)
    } else {
      next = lastFound + 1
      chain.resume()
    }
    save(false)
  } catch (error) {
    lock.release()
    throw error
  }

  const { firsts } = chain
  /** Segments of which only gaps are left, and those that were read, and so may be stored at the other end. */
  const dropped = new Set(firsts.slice(0, -1).filter(first => holdsGaps(folder, first)))
  // Whether the gaps that were found were told is not known any more.
  const read = new Set(dropped)
  const listeners = new Set<() => void>()
  let closed = false
  removeReplaced()

  function save(inOrder: boolean, reserved = state.reserved): void {
    const synced = syncIntervalMs === 0
    if (state.acknowledged !== written && mayForget()) written = state.acknowledged
    const closed = inOrder
    writeState(folder, { ...state, acknowledged: written, reserved, synced, closed, boot: bootId(), place })
    state.reserved = reserved
  }

  function beginNext(): void {
    chain.begin(next)
    forget()
  }

  function endOf(at: number): number {
    return (firsts[at + 1] ?? next) - 1
  }

  /** Deletes the segments of which every number is acknowledged. */
  function forget(): void {
    const done = firsts.filter(
      (first, at) => at < firsts.length - 1 && nextUncovered(state.acknowledged, first) > endOf(at),
    )
    if (done.length === 0 || !mayForget()) return
    try {
      // First, so that a segment that is missing later is known to be a loss.
      save(false)
    } catch (error) {
      // On a full disk only deleting makes room. A gap that is announced for it after a crash, the other end
      // knows to be none.
      log.warn({ err: error }, 'what is acknowledged could not be noted')
    }
    for (const first of done) remove(first)
  }

  function remove(first: number): void {
    dropped.delete(first)
    read.delete(first)
    chain.remove(first)
  }

  /** Puts gaps in the place of a segment, joined with those before it unless they were told already. */
  function drop(segment: number): void {
    const at = firsts.indexOf(segment)
    const before = firsts[at - 1]
    const joins = before !== undefined && dropped.has(before) && !read.has(before)
    const first = joins ? before : segment
    const spans = joins ? [...chain.spansOf(before), ...chain.spansOf(segment)] : chain.spansOf(segment)
    chain.replace(first, gapsLeft(spans, [first, endOf(at)], state.acknowledged))
    dropped.add(first)
    read.delete(first)
    if (joins) remove(segment)
  }

  /** Removes the segments in the place of which a gap stands already: the end came before they were deleted. */
  function removeReplaced(): void {
    for (const gaps of [...dropped]) {
      const last = chain.spansOf(gaps).at(-1)?.last ?? gaps
      for (const first of firsts.filter(first => first > gaps && first <= last)) remove(first)
    }
  }

  return {
    stream,
    run: state.run,
    get next() {
      return next
    },
    get waiting() {
      return countUncovered(state.acknowledged, next - 1)
    },
    get bytes() {
      return chain.bytes
    },
    get bytesAppended() {
      return chain.bytesAppended
    },
    append(entries) {
      if (closed || ended) throw new Error(`${folder} is closed`)
      if (entries.length === 0) return next
      // What the disk may refuse comes first: once entries are in the journal, they must not be given again.
      if (chain.newestBytes >= segmentBytes) beginNext()
      const first = next
      const last = first + entries.length - 1
      if (last > state.reserved) save(false, last + RESERVE)
      chain.append(first, [...entries])
      next = last + 1
      for (const listener of listeners) listener()
      return first
    },
    read(from, limit): OutboxSlice<E> | undefined {
      for (let start = Math.max(from, 1); ; ) {
        const number = nextUncovered(state.acknowledged, start)
        if (number >= next) return undefined
        const at = firsts.findLastIndex(first => first <= number)
        const end = Math.min(endOf(at), uncoveredUntil(state.acknowledged, number))
        const spans = at < 0 ? [] : chain.spansOf(firsts[at]!, number)
        if (at >= 0) read.add(firsts[at]!)
        const { gap, last: spanEnd } = spanAt(spans, number, end)
        if (gap?.reason === 'corrupt' && ended) {
          state.acknowledged = cover(state.acknowledged, number, spanEnd)
          start = spanEnd + 1
          continue
        }
        if (gap) return { first: spanEnd + 1, entries: [], gaps: [gap] }
        const last = Math.min(end, number + limit - 1)
        return { first: number, entries: entriesBetween(spans, number, last) }
      }
    },
    acknowledge(upTo, ranges: readonly NumberRange[]) {
      const known = ranges.map(([first, last]): NumberRange => [first, Math.min(last, next - 1)])
      state.acknowledged = coverBoth(state.acknowledged, { upTo: Math.min(upTo, next - 1), ranges: known })
      forget()
    },
    dropOldest(before = Number.POSITIVE_INFINITY) {
      if (closed) return false
      const full = firsts.filter(
        (first, at) => !dropped.has(first) && first <= endOf(at) && endOf(at) < before,
      )
      const oldest = full.find(first => !read.has(first)) ?? full[0]
      if (oldest === undefined) return false
      if (oldest === firsts.at(-1)) beginNext()
      if (firsts.includes(oldest)) drop(oldest)
      return true
    },
    onAppend(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      if (closed) return
      closed = true
      try {
        chain.close()
        save(true)
      } catch (error) {
        // What was appended is in the journal; the next start looks at it as after a crash.
        log.error({ err: error }, 'the outbox could not be closed in order')
      } finally {
        lock.release()
      }
    },
    abandon() {
      if (closed) return
      closed = true
      chain.abandon()
      lock.release()
    },
  }
}

/** The entries first..last, or fewer where the spans have a hole. */
function entriesBetween<E extends Entry>(spans: readonly Span<E>[], first: number, last: number): E[] {
  const entries: E[] = []
  let number = first
  for (const span of spans) {
    if (span.last < number) continue
    if (span.first > number || span.gap || number > last) break
    const part = span.entries.slice(number - span.first, last - span.first + 1)
    for (const entry of part) entries.push(entry)
    number += part.length
  }
  return entries
}
