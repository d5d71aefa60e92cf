import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { NumberRange, Stream } from '../model/delivery.ts'
import type { Entry, Outbox, OutboxSlice } from './contract.ts'
import { lockFolder } from './folder-lock.ts'
import { gapsLeft } from './gaps.ts'
import { encodeRecord } from './journal.ts'
import { syncFolder } from './json-file.ts'
import { bootId, mayHaveLost, type OutboxState, placeOf, readState, writeState } from './outbox-state.ts'
import { countUncovered, cover, coverBoth, nextUncovered, uncoveredUntil } from './ranges.ts'
import {
  holdsGaps,
  listSegments,
  readSegment,
  replaceSegment,
  type Span,
  segmentFile,
  spanAt,
} from './segments.ts'

export interface OutboxOptions {
  /** The outbox lives in the folder `<folder>/<stream>`, made when missing. */
  folder: string
  stream: Stream
  log: Logger
  /** How long entries may wait for the disk: what a power cut can cost; the end of the process costs nothing. */
  fsyncIntervalMs?: number
  /** A new segment file is begun beyond this size. */
  segmentBytes?: number
  /**
   * For a run that goes on elsewhere, perhaps: it takes nothing new, and what it lacks is not announced as
   * lost, since the other may have it.
   */
  ended?: boolean
}

/** How many numbers are written down as given at a time. */
const RESERVE = 10_000
/** Decoded segments kept besides the one being written: one for live data, one for the backlog. */
const CACHED_SEGMENTS = 2

/**
 * Opens the journal of one stream, or begins it. Torn lines at its end, left by a write that was cut short,
 * are removed. Numbers that may have been given but are not found any more are announced as a gap and
 * never given again, since the other end may have stored something under them.
 * @throws Error when another process holds the outbox or its files cannot be read or written.
 */
export async function openOutbox<E extends Entry>(options: OutboxOptions): Promise<Outbox<E>> {
  const { stream } = options
  const { fsyncIntervalMs = 1000, segmentBytes = 1024 * 1024, ended = false } = options
  const folder = join(options.folder, stream)
  const log = options.log.child({ outbox: folder })
  mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  const place = placeOf(folder)

  let state: OutboxState
  let segments: number[]
  let file: number
  let next: number
  // The spans of the segment being written.
  let written: Span<E>[] = []
  try {
    state = readState(folder)
    segments = listSegments(folder)
    const newest = segments.at(-1)
    if (newest === undefined) {
      next = (ended ? state.acknowledged.upTo : state.reserved) + 1
      file = beginSegment(next)
    } else {
      const { spans, end, tail, damaged } = readSegment<E>(folder, newest)
      const last = spans.at(-1)?.last ?? newest - 1
      if (damaged > 0)
        log.error({ segment: newest, damaged }, 'damaged lines in the journal: their entries are lost')
      if (!ended && (tail === 'damaged' || mayHaveLost(state))) {
        next = Math.max(last, state.reserved) + 1
        file = beginSegment(next)
      } else {
        next = last + 1
        written = spans
        file = openSync(segmentFile(folder, newest), 'a')
        if (tail === 'torn') {
          log.warn(
            { segment: newest, bytes: fstatSync(file).size - end },
            'removed a torn line from the journal',
          )
          ftruncateSync(file, end)
        }
      }
    }
    save(false)
  } catch (error) {
    lock.release()
    throw error
  }

  let size = fstatSync(file).size
  /** The sizes of the segments before the one being written. */
  const sizes = new Map(
    segments.slice(0, -1).map(segment => [segment, statSync(segmentFile(folder, segment)).size]),
  )
  let bytesBefore = sizes.values().reduce((sum, bytes) => sum + bytes, 0)
  let bytesAppended = 0
  /** Segments of which only gaps are left, and those that were read, and so may be stored at the other end. */
  const dropped = new Set<number>()
  const read = new Set<number>()
  for (const segment of sizes.keys().filter(segment => holdsGaps(folder, segment))) {
    dropped.add(segment)
    // Whether its gaps were told is not known any more.
    read.add(segment)
  }
  const cache = new Map<number, Span<E>[]>()
  const listeners = new Set<() => void>()
  let syncTimer: NodeJS.Timeout | undefined
  let closed = false
  removeReplaced()

  function beginSegment(first: number): number {
    const descriptor = openSync(segmentFile(folder, first), 'a')
    syncFolder(folder)
    if (segments.at(-1) !== first) segments.push(first)
    return descriptor
  }

  function save(inOrder: boolean, reserved = state.reserved): void {
    writeState(folder, { ...state, reserved, closed: inOrder, boot: bootId(), place })
    state.reserved = reserved
  }

  function write(line: Buffer): void {
    try {
      for (let at = 0; at < line.length; ) at += writeSync(file, line, at)
    } catch (error) {
      // Without this the next line would begin in the middle of this one.
      ftruncateSync(file, size)
      throw new Error(`${folder} cannot be written: ${(error as Error).message}`, { cause: error })
    }
    size += line.length
    bytesAppended += line.length
    syncTimer ??= setTimeout(sync, fsyncIntervalMs)
  }

  function sync(): void {
    syncTimer = undefined
    const descriptor = file
    fsync(descriptor, error => {
      // A segment that was closed meanwhile was synced then.
      if (error && descriptor === file && !closed) log.error({ err: error }, 'the journal cannot be synced')
    })
  }

  function beginNext(): void {
    fsyncSync(file)
    const full = file
    const segment = segments.at(-1)!
    // Before the full one is closed: where the disk refuses a new one, `file` must stay ours to write to.
    file = beginSegment(next)
    closeSync(full)
    setSize(segment, size)
    keepDecoded(segment, written)
    size = 0
    written = []
    forget()
  }

  function spansOf(segment: number): Span<E>[] {
    if (segment === segments.at(-1)) return written
    const kept = cache.get(segment)
    if (kept) return kept
    const { spans, damaged } = readSegment<E>(folder, segment)
    if (damaged > 0) log.error({ segment, damaged }, 'damaged lines in the journal: their entries are lost')
    keepDecoded(segment, spans)
    return spans
  }

  function keepDecoded(segment: number, spans: Span<E>[]): void {
    cache.set(segment, spans)
    if (cache.size > CACHED_SEGMENTS) cache.delete(cache.keys().next().value!)
  }

  function setSize(segment: number, bytes: number): void {
    bytesBefore += bytes - (sizes.get(segment) ?? 0)
    sizes.set(segment, bytes)
  }

  function endOf(at: number): number {
    return (segments[at + 1] ?? next) - 1
  }

  /** Deletes the segments of which every number is acknowledged. */
  function forget(): void {
    const done = segments.filter(
      (first, at) => at < segments.length - 1 && nextUncovered(state.acknowledged, first) > endOf(at),
    )
    if (done.length === 0) return
    try {
      // First, so that a segment that is missing later is known to be a loss.
      save(false)
    } catch (error) {
      // On a full disk only deleting makes room. A gap that is announced for it after a crash, the other end
      // knows to be none.
      log.warn({ err: error }, 'what is acknowledged could not be noted')
    }
    for (const segment of done) remove(segment)
  }

  function remove(segment: number): void {
    segments.splice(segments.indexOf(segment), 1)
    bytesBefore -= sizes.get(segment) ?? 0
    for (const known of [sizes, cache, dropped, read]) known.delete(segment)
    unlinkSync(segmentFile(folder, segment))
  }

  /** Puts gaps in the place of a segment, joined with those before it unless they were told already. */
  function drop(segment: number): void {
    const at = segments.indexOf(segment)
    const before = segments[at - 1]
    const joins = before !== undefined && dropped.has(before) && !read.has(before)
    const first = joins ? before : segment
    const spans = joins ? [...spansOf(before), ...spansOf(segment)] : spansOf(segment)
    const gaps = gapsLeft(spans, [first, endOf(at)], state.acknowledged)
    setSize(first, replaceSegment(folder, first, gaps))
    cache.delete(first)
    dropped.add(first)
    read.delete(first)
    if (joins) remove(segment)
  }

  /** Removes the segments in the place of which a gap stands already: the end came before they were deleted. */
  function removeReplaced(): void {
    for (const gaps of [...dropped]) {
      const last = spansOf(gaps).at(-1)?.last ?? gaps
      for (const segment of segments.filter(first => first > gaps && first <= last)) remove(segment)
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
      return bytesBefore + size
    },
    get bytesAppended() {
      return bytesAppended
    },
    append(entries) {
      if (closed || ended) throw new Error(`${folder} is closed`)
      if (entries.length === 0) return next
      // What the disk may refuse comes first: once entries are in the journal, they must not be given again.
      if (size >= segmentBytes) beginNext()
      const first = next
      const last = first + entries.length - 1
      if (last > state.reserved) save(false, last + RESERVE)
      const kept = [...entries]
      write(encodeRecord({ first, entries: kept }))
      written.push({ first, last, entries: kept })
      next = last + 1
      for (const listener of listeners) listener()
      return first
    },
    read(from, limit): OutboxSlice<E> | undefined {
      for (let start = Math.max(from, 1); ; ) {
        const number = nextUncovered(state.acknowledged, start)
        if (number >= next) return undefined
        const at = segments.findLastIndex(first => first <= number)
        const end = Math.min(endOf(at), uncoveredUntil(state.acknowledged, number))
        const spans = at < 0 ? [] : spansOf(segments[at]!)
        if (at >= 0) read.add(segments[at]!)
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
      const full = segments.filter(
        (first, at) => !dropped.has(first) && first <= endOf(at) && endOf(at) < before,
      )
      const oldest = full.find(first => !read.has(first)) ?? full[0]
      if (oldest === undefined) return false
      if (oldest === segments.at(-1)) beginNext()
      if (segments.includes(oldest)) drop(oldest)
      return true
    },
    onAppend(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(syncTimer)
      try {
        fsyncSync(file)
        closeSync(file)
        save(true)
      } catch (error) {
        // What was appended is in the journal; the next start looks at it as after a crash.
        log.error({ err: error }, 'the outbox could not be closed in order')
      } finally {
        lock.release()
      }
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
