import type { Alert, AlertEvent } from '../model/alert.ts'
import type { StreamPosition } from '../model/delivery.ts'
import type { Notification } from '../model/notification.ts'
import type { PushSubscription } from '../model/push-subscription.ts'
import type { AlertResponse } from '../model/response.ts'
import type { Sealed } from '../model/seal.ts'
import type { WinterEntry, WinterRecord } from '../model/winter-service.ts'
import type { ChainHead } from './records/chain.ts'

/** The store of records: alert events, tokens, sessions, audit. SQLite, always; calls are synchronous and small. */
export interface RecordStore {
  /**
   * Keeps alert events under their numbers, with the position that they complete, in one transaction, and
   * returns those that were new. An event whose (sender, run, number) is there already changes nothing; nor
   * does one that its alert has already (see eventKey): who takes over an alert tells its last event again. They are
   * certain to be on the disk once `synced` has resolved.
   */
  writeAlertEvents(events: readonly NumberedAlertEvent[], position: StreamPosition): AlertEvent[]
  /** Positions of the alert streams. */
  positions(): StreamPosition[]
  /** Alerts as their newest event left them, newest first. */
  alerts(filter: { state?: 'active' | 'resolved'; site?: string; limit: number }): Alert[]
  alert(id: string): Alert | undefined
  /**
   * Seals who was told of what into the hash chain; what is there already changes nothing. It is certain to be on the
   * disk once `synced` has resolved.
   * @param run of the numbers, so that they never come again
   * @param notifications by number
   */
  sealNotifications(run: number, notifications: ReadonlyMap<number, Notification>): void
  /** Resolves when all that was written is on the disk; everything but alert events and seals is at once. */
  synced(): Promise<void>
  /** Who was told of an alert, in the order in which it became known. */
  notifications(alert: string): Notification[]
  /**
   * Where the hash chain stands that all alert events, who was told of them, and the winter service are sealed in; to be
   * told once `synced` has resolved.
   */
  alertChain(): ChainHead
  /** The alerts that fired in [from, to), and those before that are live, in order; ms UTC. */
  alertLives(from: number, to: number): AlertLife[]
  /** Every event of an alert, in order. */
  alertEvents(id: string): AlertEvent[]
  /** The events of all alerts from `from` to before `to`, in order, with their place in the chain. */
  sealedAlertEvents(span: { from: number; to: number }): Sealed<AlertEvent>[]
  /** What had happened by an instant to the alerts that were live then, in order. */
  eventsOfAlertsLiveAt(time: number): Sealed<AlertEvent>[]

  /**
   * Seals an entry of the winter service into the hash chain. Where its id is there already, or what it corrects
   * was corrected before, it changes nothing and returns the entry that stands there.
   */
  sealWinterEntry(entry: WinterEntry): { sealed: Sealed<WinterEntry>; added: boolean }
  /** The record that an entry belongs to. */
  winterRecord(id: string): WinterRecord | undefined
  /** What happened from `from` to before `to`, in order, each with all its corrections. */
  winterRecords(span: { from: number; to: number }): WinterRecord[]
  /** The decisions that name an alert, with all their corrections. */
  winterRecordsNaming(alert: string): WinterRecord[]

  /**
   * Seals who goes to an alert into the hash chain. Where its id is there already, it changes nothing and returns the
   * response that stands there.
   */
  sealResponse(response: AlertResponse): { response: AlertResponse; added: boolean }
  /** What was said of an alert, in order of time. */
  responses(alert: string): AlertResponse[]
  /** What was said from `from` to before `to`, in order of time, with its place in the chain. */
  sealedResponses(span: { from: number; to: number }): Sealed<AlertResponse>[]

  /** Keeps a token's SHA-256, never the token. */
  addToken(token: {
    id: string
    hash: string
    actor: string
    scope: TokenScope
    role: AccountRole
    createdAt: number
    expiresAt?: number
  }): void
  findToken(hash: string): StoredToken | undefined
  tokens(): StoredToken[]
  revokeToken(id: string, at: number): boolean
  /** Spends a one-time token: true for the first caller only. */
  spendToken(id: string, at: number): boolean

  /**
   * Keeps where a phone is told, in place of what was kept of the same endpoint, and of another one that it replaces;
   * false where its person has `most` others already.
   */
  addPushSubscription(subscription: PushSubscription, options: { most: number; replaces?: string }): boolean
  pushSubscription(id: string): PushSubscription | undefined
  /** The phones of a person, the oldest first. */
  pushSubscriptions(person: string): PushSubscription[]
  removePushSubscription(id: string): void

  /** Notes who changed what. */
  audit(entry: { time: number; actor: string; action: string; target: string }): void
  auditEntries(limit: number): { time: number; actor: string; action: string; target: string }[]
  close(): void
}

/** `link` is a one-time link that opens a session; `session` is a browser's; `api` is a script's. */
export type TokenScope = 'link' | 'session' | 'api'

/**
 * `crew` is one of the people of the registry, who may only do what a crew does; `reader` reads what everybody reads on
 * a hub that only its own machine reaches.
 */
export type AccountRole = 'administrator' | 'crew' | 'reader'

export interface StoredToken {
  id: string
  actor: string
  scope: TokenScope
  role: AccountRole
  createdAt: number
  expiresAt?: number
  revokedAt?: number
  spentAt?: number
}

/** An alert, and when and by whom it was first acknowledged. */
export interface AlertLife {
  alert: Alert
  acknowledged?: { time: number; actor: string }
}

export interface NumberedAlertEvent {
  sender: string
  run: string
  number: number
  event: AlertEvent
}
