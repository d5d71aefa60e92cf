import { isUtf8 } from 'node:buffer'
import type { Stream } from '../model/delivery.ts'
import type { QuarantineKind } from '../model/quarantine.ts'

/** What could not be stored, or will never come, with all that is needed to look into it and to try again. */
export interface QuarantineItem {
  kind: QuarantineKind
  reason: string
  /** When it came, ms UTC. */
  time: number
  sender: string
  topic?: string
  stream?: Stream
  run?: string
  /** The numbers that it accounts for. */
  first?: number
  last?: number
  /** How many of these the ledger holds as quarantined: those that were new. */
  counted?: number
  /** The entry, the gap, or the payload: its text, or `{ base64 }` where it is not text. */
  payload: unknown
  /** The payload was too long, and is the beginning of it. */
  truncated?: boolean
}

/** An item as it is kept. */
export interface KeptItem extends QuarantineItem {
  id: number
  /** How often it came; a message without numbers may come again for ever. */
  times: number
  /** When a replay brought it into the store, ms UTC; it is kept as it was. */
  released?: number
  /** What the last replay that failed on it said. */
  failure?: string
}

export interface QuarantineFilter {
  id?: number
  kind?: QuarantineKind
  sender?: string
  /** A part of the reason. */
  reason?: string
  /** Of items that came at this time or later, ms UTC. */
  since?: number
  /** Only those that were released, or were not. */
  released?: boolean
}

/** Items of one kind, sender and reason. */
export interface QuarantineGroup {
  kind: QuarantineKind
  sender: string
  reason: string
  items: number
  /** When the first and the last of them came, ms UTC. */
  from: number
  to: number
}

/** What became of all that was ever set aside, by kind and sender; `sender` is empty for those without a name of their own. */
export interface QuarantineTotal {
  kind: QuarantineKind
  sender: string
  /** All that came, of which some were released, and some were forgotten for want of room or for their age. */
  items: number
  released: number
  forgotten: number
  /** On disk now. */
  bytes: number
}

/** Where what cannot be stored is kept, in bounds. Calls are synchronous and small, but for `append`. */
export interface Quarantine {
  /** Resolves when the items are on the disk. One that is there already changes nothing but how often it came. */
  append(items: readonly QuarantineItem[]): Promise<void>
  /** The newest first, below the id `before`: `limit` of them, or fewer where payloads are long. */
  list(filter: QuarantineFilter, page: { before?: number; limit: number }): KeptItem[]
  /** Items that no replay has released, the oldest first, above the id `after`; as many as in `list`. */
  waiting(filter: QuarantineFilter, page: { after: number; limit: number }): KeptItem[]
  /** The largest groups first. */
  groups(filter: QuarantineFilter, limit: number): QuarantineGroup[]
  totals(): QuarantineTotal[]
  /** Gives items consecutive numbers, so that the store can tell which releases it has accounted for. */
  number(ids: readonly number[], first: number): void
  /** Items that have a number and are not released: a replay was cut off behind it. */
  unfinished(): (KeptItem & { number: number })[]
  /** Marks items as released. */
  release(ids: readonly number[], time: number): void
  /** Notes why a replay failed on items. */
  fail(failures: readonly { id: number; reason: string }[]): void
  close(): void
}

/** A payload as a quarantine keeps it. */
export function payloadText(payload: Buffer): string | { base64: string } {
  return isUtf8(payload) ? payload.toString() : { base64: payload.toString('base64') }
}
