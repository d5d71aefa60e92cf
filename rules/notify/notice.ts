import { type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'

/** What the hub tells of itself: that the way to a channel works, or of which it does not. */
export type HubEvent = { time: number; alert: { id: string } } & (
  | { type: 'test' }
  | { type: 'test-failed'; channels: readonly string[] }
)

/** One event as one channel is to tell it. */
export interface Notice {
  /** Of the delivery. */
  number: number
  event: AlertEvent | HubEvent
  channel: string
  /** Whose channel it is, where it is told as a person's. */
  person?: string
  /** Which reminder it is, from 1 on; 0 is the first time. */
  reminder: number
  /** When it was to be told, ms UTC: a reminder, or whom a later step leads to, is news long after the event. */
  due: number
}

/** What is told at once: one notice, or, where so many wait, all of them. */
export type Notices = readonly [Notice, ...Notice[]]

export type Outcome = Notification['outcome']

export function isOfHub(event: Notice['event']): event is HubEvent {
  return event.type === 'test' || event.type === 'test-failed'
}

/**
 * What an event of an alert, or a reminder of it, is known by, whatever channel tells it.
 * @param reminder which one, from 1 on
 */
export function keyOf(event: Notice['event'], reminder = 0): string {
  const key = isOfHub(event) ? event.type : eventKey(event)
  return reminder > 0 ? `${key}/reminder-${reminder}` : key
}

/** The same for every attempt of one event, or of one reminder. */
export function deliveryKey(event: Notice['event'], reminder = 0): string {
  return `${event.alert.id}/${keyOf(event, reminder)}`
}

/** By whom an acknowledgement was given that came by a notice. */
export function actorOf({ person, channel }: Notice): string {
  return person ?? channel
}
