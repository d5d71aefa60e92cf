import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import type { Logger } from 'pino'
import type { Gap } from '../model/delivery.ts'
import type { Entry } from './contract.ts'
import { syncFolder } from './folders.ts'
import { type DecodedJournal, encodeRecord } from './journal.ts'
import { listSegments, readSegment, replaceSegment, type Span, segmentFile } from './segments.ts'

/**
 * The segment files of one journal, each known by the first number that it may hold; the last one is written
 * to. Knows files, sizes and what was decoded of them, and nothing of what was sent or acknowledged.
 */
export interface SegmentChain<E extends Entry> {
  /** The segments, ascending. */
  readonly firsts: readonly number[]
  /** Of all files, bytes; of the one being written; and what was written since it was opened. */
  readonly bytes: number
  readonly newestBytes: number
  readonly bytesAppended: number
  /** The last number found in the newest segment, or the one before its first; undefined where there is none. */
  readonly lastFound: number | undefined
  /** How the newest segment was found to end, see {@link DecodedJournal}. */
  readonly tailFound: DecodedJournal<E>['tail']
  /** Goes on writing the newest segment, behind its last sound line. */
  resume(): void
  /** Begins a segment; the one before is on the disk when this returns. */
  begin(first: number): void
  /** Appends one line, or nothing when this throws. */
  append(first: number, entries: E[]): void
  /** What a segment holds, at least from the number `from` on. */
  spansOf(first: number, from?: number): readonly Span<E>[]
  /** Puts gaps in the place of a segment, see {@link replaceSegment}. */
  replace(first: number, gaps: readonly Gap[]): void
  remove(first: number): void
  /** Everything is on the disk when this returns; throws where that can't be had. */
  close(): void
  /** Lets go of the files as they are. */
  abandon(): void
}

/** Lines of one segment that follow each other. They are let go of together: a queue that outlives them keeps them alive. */
interface Block<E> {
  segment: number
  first: number
  last: number
  spans: Span<E>[]
}

/** Decoded segments kept, those read last: one for live data, one for the backlog. */
const CACHED_SEGMENTS = 2

/**
 * How many of the newest entries stay in memory, and how many while somebody follows so closely and has not asked for
 * them yet. Others are read from the file: what is kept in vain outlives the young generation, and collecting it costs
 * more than writing it.
 */
const HELD_ENTRIES = 1000
const FOLLOWED_ENTRIES = 20_000

/**
 * Looks at the segments of a folder. Nothing can be appended before one is resumed or begun.
 * @param syncIntervalMs how long a line may wait for the disk; 0: each is there when `append` returns.
 */
export function openSegmentChain<E extends Entry>(
  folder: string,
  { log, syncIntervalMs }: { log: Logger; syncIntervalMs: number },
): SegmentChain<E> {
  const firsts = listSegments(folder)
  const sizes = new Map(firsts.map(first => [first, statSync(segmentFile(folder, first)).size]))
  let bytes = sizes.values().reduce((sum, size) => sum + size, 0)
  let bytesAppended = 0
  let file: number | undefined
  let syncTimer: NodeJS.Timeout | undefined
  const decoded = new Map<number, readonly Span<E>[]>()
  /** The newest lines. */
  let blocks: Block<E>[] = []
  /** The furthest number that was asked for. */
  let asked = 0
  const newest = firsts.at(-1)
  const found = newest === undefined ? undefined : decode(newest)

  function setSize(first: number, size: number): void {
    bytes += size - (sizes.get(first) ?? 0)
    sizes.set(first, size)
  }

  function decode(first: number) {
    const segment = readSegment<E>(folder, first)
    const { damaged } = segment
    if (damaged > 0)
      log.error({ segment: first, damaged }, 'damaged lines in the journal: their entries are lost')
    return segment
  }

  function keepDecoded(first: number, spans: readonly Span<E>[]): void {
    decoded.delete(first)
    decoded.set(first, spans)
    if (decoded.size > CACHED_SEGMENTS) decoded.delete(decoded.keys().next().value!)
  }

  function hold(segment: number, span: Span<E>): void {
    const { first, last } = span
    let block = blocks.at(-1)
    if (block?.segment !== segment || first - block.first >= HELD_ENTRIES) {
      const most = first - asked > FOLLOWED_ENTRIES ? HELD_ENTRIES : FOLLOWED_ENTRIES
      const isNear = (held: Block<E>) => first - held.last <= (held.last < asked ? HELD_ENTRIES : most)
      block = { segment, first, last, spans: [] }
      blocks = [...blocks.filter(isNear), block]
    }
    block.spans.push(span)
    block.last = last
  }

  function letGoOf(segment: number): void {
    blocks = blocks.filter(block => block.segment !== segment)
    decoded.delete(segment)
  }

  /** The file that was being written, which nothing is written to any more. */
  function letGo(): number | undefined {
    clearTimeout(syncTimer)
    const open = file
    file = undefined
    return open
  }

  function sync(): void {
    syncTimer = undefined
    const descriptor = file!
    const segment = firsts.at(-1)
    fsync(descriptor, error => {
      // A segment that was closed meanwhile was synced then; another may have its descriptor now.
      const isOpen = descriptor === file && segment === firsts.at(-1)
      if (error && isOpen) log.error({ err: error }, 'the journal cannot be synced')
    })
  }

  return {
    firsts,
    get bytes() {
      return bytes
    },
    get newestBytes() {
      return sizes.get(firsts.at(-1)!)!
    },
    get bytesAppended() {
      return bytesAppended
    },
    lastFound: newest === undefined ? undefined : (found!.spans.at(-1)?.last ?? newest - 1),
    tailFound: found?.tail ?? 'clean',
    resume() {
      const { end, tail } = found!
      file = openSync(segmentFile(folder, newest!), 'a')
      if (tail === 'torn') {
        log.warn(
          { segment: newest, bytes: sizes.get(newest!)! - end },
          'removed a torn line from the journal',
        )
        ftruncateSync(file, end)
        setSize(newest!, end)
      }
      // A process that was killed may have left lines that are not on the disk, confirmed long ago.
      fsyncSync(file)
    },
    begin(first) {
      const full = file ?? (newest === undefined ? undefined : openSync(segmentFile(folder, newest), 'a'))
      if (full !== undefined) fsyncSync(full)
      // Before the full one is closed: where the disk refuses a new one, that must stay ours to write to.
      const begun = openSync(segmentFile(folder, first), 'a')
      syncFolder(folder)
      file = begun
      if (full !== undefined) closeSync(full)
      if (firsts.at(-1) !== first) firsts.push(first)
      setSize(first, fstatSync(file).size)
    },
    append(first, entries) {
      const segment = firsts.at(-1)!
      const size = sizes.get(segment)!
      const line = encodeRecord({ first, entries })
      try {
        for (let at = 0; at < line.length; ) at += writeSync(file!, line, at)
        if (syncIntervalMs === 0) fsyncSync(file!)
      } catch (error) {
        // Without this the next line would begin in the middle of this one.
        ftruncateSync(file!, size)
        throw new Error(`${folder} cannot be written: ${(error as Error).message}`, { cause: error })
      }
      setSize(segment, size + line.length)
      bytesAppended += line.length
      if (syncIntervalMs > 0) syncTimer ??= setTimeout(sync, syncIntervalMs)
      hold(segment, { first, last: first + entries.length - 1, entries })
    },
    spansOf(first, from = first) {
      asked = Math.max(asked, from)
      const held = blocks.filter(({ segment, last }) => segment === first && last >= from)
      if (held.length > 0 && held[0]!.first <= from) return held.flatMap(({ spans }) => spans)
      const known = decoded.get(first)
      // One that is being written has grown since it was decoded.
      const isEnough = known && (first !== firsts.at(-1) || (known.at(-1)?.last ?? 0) >= from)
      const spans = isEnough ? known : decode(first).spans
      keepDecoded(first, spans)
      return spans
    },
    replace(first, gaps) {
      setSize(first, replaceSegment(folder, first, gaps))
      letGoOf(first)
    },
    remove(first) {
      firsts.splice(firsts.indexOf(first), 1)
      bytes -= sizes.get(first)!
      sizes.delete(first)
      letGoOf(first)
      unlinkSync(segmentFile(folder, first))
    },
    close() {
      const open = letGo()
      if (open === undefined) return
      try {
        fsyncSync(open)
      } finally {
        closeSync(open)
      }
    },
    abandon() {
      const open = letGo()
      if (open !== undefined) closeSync(open)
    },
  }
}
