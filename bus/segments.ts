import { closeSync, openSync, readdirSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gap } from '../model/delivery.ts'
import type { Entry } from './contract.ts'
import { syncFolder } from './folders.ts'
import { type DecodedJournal, decodeJournal, encodeRecord } from './journal.ts'

/** Entries or a gap under the numbers first..last. */
export interface Span<E> {
  first: number
  last: number
  entries: E[]
  gap?: Gap
}

const SUFFIX = '.journal'
const CHECKSUM_LENGTH = 8
const GAP_HEAD = ' {"gap":'

/** A segment's file, named after the first number that it may hold. */
export function segmentFile(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}${SUFFIX}`)
}

/** The first numbers of the segments in a folder, ascending. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .filter(name => name.endsWith(SUFFIX))
    .map(name => Number(name.slice(0, -SUFFIX.length)))
    .sort((a, b) => a - b)
}

export function readSegment<E extends Entry>(
  folder: string,
  first: number,
): DecodedJournal<E> & { spans: Span<E>[] } {
  const decoded = decodeJournal<E>(readFileSync(segmentFile(folder, first)))
  const spans = decoded.records.map(record =>
    'gap' in record
      ? { first: record.gap.range[0], last: record.gap.range[1], entries: [], gap: record.gap }
      : { first: record.first, last: record.first + record.entries.length - 1, entries: record.entries },
  )
  return { ...decoded, spans }
}

/**
 * Puts gaps in the place of a segment, or of a segment and those behind it, in one step: whatever ends the
 * process or the machine, there is either the one or the other. Returns the new size, bytes.
 */
export function replaceSegment(folder: string, first: number, gaps: readonly Gap[]): number {
  const file = segmentFile(folder, first)
  const bytes = Buffer.concat(gaps.map(gap => encodeRecord({ gap })))
  writeFileSync(`${file}.new`, bytes, { flush: true })
  renameSync(`${file}.new`, file)
  syncFolder(folder)
  return bytes.length
}

/** Whether only gaps are left of a segment; looks at its first bytes only. */
export function holdsGaps(folder: string, first: number): boolean {
  const head = Buffer.alloc(GAP_HEAD.length + CHECKSUM_LENGTH)
  const descriptor = openSync(segmentFile(folder, first), 'r')
  try {
    readSync(descriptor, head)
  } finally {
    closeSync(descriptor)
  }
  return head.toString('latin1', CHECKSUM_LENGTH) === GAP_HEAD
}

/**
 * The span that holds a number. Where none does, the numbers up to the next span, or to `end` before it, are
 * lost: the hole becomes a gap, dated by its neighbours (0 where there is none).
 */
export function spanAt<E extends Entry>(spans: readonly Span<E>[], number: number, end: number): Span<E> {
  const index = spans.findIndex(span => span.last >= number)
  const found = spans[index]
  if (found && found.first <= number) return found
  const before = index < 0 ? spans.at(-1) : spans[index - 1]
  const last = Math.min(found ? found.first - 1 : end, end)
  const to = found?.entries[0]?.time
  const from = before?.entries.at(-1)?.time ?? to ?? 0
  const gap: Gap = { range: [number, last], from, to: to ?? from, counts: {}, reason: 'corrupt' }
  return { first: number, last, entries: [], gap }
}
