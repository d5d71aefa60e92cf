import type { StreamPosition } from '../model/delivery.ts'
import type { Chart, Row } from './dataset.ts'
import type { StoredObject } from './objects.ts'
import type { ReadingsExtent } from './provenance.ts'

/** A file of a version, at an address of its own. */
export interface VersionFile extends StoredObject {
  name: string
  mediaType: string
}

/** What is told of a version of a dataset: it never changes, and its bytes are a leaf of the log. */
export interface Version {
  dataset: string
  /** From 1. */
  version: number
  /** ISO 8601, UTC. */
  publishedAt: string
  /** Version of the software that froze it. */
  software: string
  /** Version of the Table Schema. */
  schema: string
  /** SHA-256 of the registry that it was made with. */
  registry: string
  /** What of the readings was stored; absent where it was not asked for. */
  readings?: ReadingsExtent
  /** The version that `changes` are counted from; null for the first. */
  since: number | null
  rows: number
  /** First and last local date that rows tell of; null where there are none, or they have no time. */
  period: Span | null
  changes: { added: number; revised: number; withdrawn: number }
  files: readonly VersionFile[]
}

export interface Span {
  start: string
  end: string
}

/** Rows that are frozen together. */
export interface Part {
  name: string
  rows: number
  /** SHA-256 of the rows before they had revisions: the same rows are the same part. */
  rowsHash: string
  /** The first start and the last end of its rows, as they stand there. */
  period: Span | null
  /** The last two local dates that its rows tell something of; absent in parts of earlier versions of the software. */
  lastKnown?: readonly string[]
  measures: Record<string, number>
  chart: Chart
  /** By suffix of the file that it is a part of. */
  objects: Record<string, StoredObject>
}

/** How a version is made up; not told. */
export interface Makeup {
  columns: readonly string[]
  parts: readonly Part[]
  /** The objects of each file, by its name. */
  objects: Record<string, readonly StoredObject[]>
  /** What could be withdrawn, see `subject` of a dataset. */
  subjects: readonly string[]
  /** What it tells, as far as anything could be computed from it: {@link PublishedFigures} as JSON. */
  figures?: StoredObject
  /** How far the streams of readings were stored. */
  positions?: readonly StreamPosition[]
}

/** What a version did to a row. */
export interface Change {
  type: 'new' | 'revised' | 'withdrawn'
  /** Why it was withdrawn. */
  reason?: WithdrawalReason
  /** Of what was withdrawn only the primary key: '' in the other columns. */
  row: Row
}

/**
 * `subject`: its building, station or counter is not published any more; `figure`: it may not be known any more of these
 * dates; `row`: nothing is known of it any more.
 */
export type WithdrawalReason = 'subject' | 'figure' | 'row'

/** A line of the file of changes: its type, the reason, and the row. */
export function changeCells({ type, reason, row }: Change): Row {
  return [type, reason ?? '', ...row]
}

export function toChange([type, reason, ...row]: Row): Change {
  return { type: type as Change['type'], ...(reason && { reason: reason as WithdrawalReason }), row }
}

/** @param key the columns that stay */
export function withdrawalOf(row: Row, key: readonly number[], reason: WithdrawalReason): Change {
  return { type: 'withdrawn', reason, row: row.map((cell, at) => (key.includes(at) ? cell : '')) }
}

/** Why a version is not told any more. */
export interface Withdrawal {
  /** ISO 8601, UTC. */
  at: string
  reason: { fr: string; en: string }
}
