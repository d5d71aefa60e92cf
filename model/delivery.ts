import type { AlertEvent } from './alert.ts'
import type { ReadingColumns } from './reading.ts'

/**
 * The streams of a sender, by priority: alert events first, then meter indexes, then the rest.
 * What a full outbox drops, it drops from the last one first.
 */
export const STREAMS = ['alerts', 'indexes', 'measures'] as const
export type Stream = (typeof STREAMS)[number]

/** Names that no sender may have, because a topic of the hub itself stands in the sender's place. */
export const RESERVED_SENDERS: ReadonlySet<string> = new Set(['alerts', 'commands', 'ingest'])

/** An inclusive range of numbers. */
export type NumberRange = [first: number, last: number]

/** Numbers that will never come, and why: the record that makes a loss visible. */
export interface Gap {
  range: NumberRange
  /** Source times that the range covered, ms UTC, inclusive. */
  from: number
  to: number
  /** How many readings of each point were dropped. */
  counts: Record<string, number>
  reason: 'outbox-full' | 'corrupt'
}

/** What every batch says of itself, whatever it carries. */
export interface Envelope {
  version: 1
  sender: string
  stream: Stream
  /** The identity of the outbox: new when the outbox is new. */
  run: string
  /** The number of the first entry; the others follow without holes. */
  first: number
  /** When this copy was sent, ms UTC. */
  sent: number
  /** True for what was journalled before the present connection: never fires or clears a live alert. */
  backlog: boolean
  /** Gaps lie wholly before `first` or replace the entries of a batch that carries none. */
  gaps?: Gap[]
}

export interface ReadingBatch extends Envelope {
  stream: 'indexes' | 'measures'
  readings: ReadingColumns
}

export interface AlertBatch extends Envelope {
  stream: 'alerts'
  events: AlertEvent[]
}

/** Ingest's answer: what is stored or announced as a gap, so that the outbox may forget it. */
export interface Acknowledgement {
  version: 1
  stream: Stream
  run: string
  /** Every number up to this one is accounted for; 0 when none is. */
  upTo: number
  /** Further ranges above `upTo`, ascending, not touching. */
  ranges: NumberRange[]
  /** How many entries the sender may have unacknowledged under way. */
  window: number
  /** The hub's time, ms UTC. */
  time: number
}

/** How far a stream has been received: what ingest keeps, with the data, for each (sender, stream, run). */
export interface StreamPosition {
  sender: string
  stream: Stream
  run: string
  upTo: number
  ranges: NumberRange[]
}

/** The retained status of a sender; its last will says `online: false`. */
export interface SenderStatus {
  version: 1
  sender: string
  /** What it is: `gateway`, `rules`, `ingest`, … */
  role: string
  online: boolean
  /** The hash of the registry that it runs. */
  registry: string
  /** Why it does not run the registry that the hub wants it to run. */
  registryProblem?: string
  /** The public key of the hub that a gateway takes its registry from. */
  follows?: string
  /** When the status was made, ms UTC. */
  time: number
  /** State of each connection of a gateway, by its id. */
  connections?: Record<string, ConnectionStatus>
  /** Entries waiting in the outbox, by stream. */
  waiting?: Partial<Record<Stream, number>>
  /** How full its outboxes are. */
  outbox?: OutboxStatus
  /** How far the hub's clock is ahead of its own, ms, as the newest acknowledgement told. */
  clockOffset?: number
  /** Of a process that shares the work of its role with others. */
  share?: ShareStatus
}

export interface ShareStatus {
  /** Which life of the process this is: new at each start. */
  life: string
  /** Counts the statuses of this life. */
  beat: number
  /** The members of the division that it holds to, sorted: it has let go of what is others' in it. */
  members: string[]
}

export interface OutboxStatus {
  /** Of all streams on disk, and what they may have. */
  bytes: number
  maxBytes: number
  /** The one in relation to the other. */
  share: number
  /** How long until a stream must give up entries if nothing is sent; absent while nothing is journalled. */
  streams: Partial<Record<Stream, { bytes: number; timeLeftMs?: number }>>
}

export interface ConnectionStatus {
  state: 'connecting' | 'connected' | 'failed'
  /** The last error, in words for the installer. */
  error?: string
  /** Source time of the newest reading, ms UTC. */
  lastReading?: number
}
