import type { AlertEvent } from '../model/alert.ts'
import type { Gap, NumberRange, SenderStatus, Stream } from '../model/delivery.ts'
import type { Reading } from '../model/reading.ts'

/** A connection to the MQTT broker, embedded or not. Subscriptions outlive reconnects. */
export interface Bus {
  readonly connected: boolean
  /** Resolves on the broker's PUBACK; rejects when the connection is lost before. QoS 1. */
  publish(topic: string, payload: string | Uint8Array, options?: { retain?: boolean }): Promise<void>
  /** A handler that throws is logged and stops nobody. QoS 1. */
  subscribe(
    filter: string,
    handler: (topic: string, payload: Buffer, retained: boolean) => void,
  ): Promise<void>
  /** Called at once when connected, and on every later connect. Returns a function that stops it. */
  onConnect(listener: () => void): () => void
  /** Cuts the connection and makes a new one: what the broker holds back for the old one could come late. */
  renew(): void
  close(): Promise<void>
  /** Ends as the process would: without a goodbye, so that the broker says the will. */
  cut(): void
}

/** What a stream carries. */
export type Entry = Reading | AlertEvent

/**
 * One journal on disk. Whatever `append` has returned for survives the end of the process; numbers start
 * at 1 and have no holes.
 */
export interface Outbox<E extends Entry> {
  readonly stream: Stream
  readonly run: string
  /** The number that the next entry will get. */
  readonly next: number
  /** Entries that are not acknowledged. */
  readonly waiting: number
  /** The size of the journal on disk, and how much was written to it since it was opened, bytes. */
  readonly bytes: number
  readonly bytesAppended: number
  /** Journals entries and returns the number of the first one. */
  append(entries: readonly E[]): number
  /** Entries from a number on that are not acknowledged: at most `limit`, consecutive; undefined at the end. */
  read(from: number, limit: number): OutboxSlice<E> | undefined
  /** Forgets what is accounted for at the other end; a number never appended is ignored. */
  acknowledge(upTo: number, ranges: readonly NumberRange[]): void
  /**
   * Gives up the oldest entries, a segment of them, all below the number `before`; what was read, and so may
   * be under way, goes last. Each hole is announced as a gap. False when there is nothing to give up.
   */
  dropOldest(before?: number): boolean
  /** Called after each append. Returns a function that stops it. */
  onAppend(listener: () => void): () => void
  close(): Promise<void>
  /** Lets go of it as the end of the process would: nothing more is written, and nothing is noted as closed. */
  abandon(): void
}

export interface OutboxSlice<E extends Entry> {
  first: number
  entries: E[]
  gaps?: Gap[]
}

/** Carries outboxes over a bus until the other end has acknowledged everything. */
export interface Sender {
  /** Publishes this, retained, now and on every connect; the last will says `online: false`. */
  setStatus(
    status: Omit<
      SenderStatus,
      'version' | 'sender' | 'online' | 'time' | 'waiting' | 'outbox' | 'clockOffset'
    >,
  ): void
  /** Resolves when every outbox is empty, or rejects after the time. */
  drained(timeoutMs: number): Promise<void>
  /** The hub's clock minus ours at the last acknowledgement, ms. */
  readonly clockOffset: number | undefined
  /** Sends a batch without entries, where there is a connection: its acknowledgement tells the hub's time. */
  askTime(): void
  close(): Promise<void>
}
