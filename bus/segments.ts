import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gap } from '../model/delivery.ts'
import type { Entry } from './contract.ts'
import { type DecodedJournal, decodeJournal } from './journal.ts'

/** Entries or a gap under the numbers first..last. */
export interface Span<E> {
  first: number
  last: number
  entries: E[]
  gap?: Gap
}

const SUFFIX = '.journal'

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
 * The span that holds a number. Where none does, the numbers up to the next span, or up to `end`, are
 * lost: the hole becomes a gap, dated by its neighbours (0 where there is none).
 */
export function spanAt<E extends Entry>(spans: readonly Span<E>[], number: number, end: number): Span<E> {
  const index = spans.findIndex(span => span.last >= number)
  const found = spans[index]
  if (found && found.first <= number) return found
  const before = index < 0 ? spans.at(-1) : spans[index - 1]
  const last = found ? found.first - 1 : end
  const to = found?.entries[0]?.time
  const from = before?.entries.at(-1)?.time ?? to ?? 0
  const gap: Gap = { range: [number, last], from, to: to ?? from, counts: {}, reason: 'corrupt' }
  return { first: number, last, entries: [], gap }
}
