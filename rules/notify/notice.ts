import { type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'

/** One event as one channel is to tell it. */
export interface Notice {
  /** Of the delivery. */
  number: number
  event: AlertEvent
  channel: string
  /** Whose channel it is, where it is told as a person's. */
  person?: string
  /** Which reminder it is, from 1 on; 0 is the first time. */
  reminder: number
}

/** What is told at once: one notice, or, where so many wait, all of them. */
export type Notices = readonly [Notice, ...Notice[]]

export type Outcome = Notification['outcome']

/** What an event is known by, whatever channel tells it. */
export function deliveryKey(event: AlertEvent): string {
  return `${event.alert.id}/${eventKey(event)}`
}

/** By whom an acknowledgement was given that came by a notice. */
export function actorOf({ person, channel }: Notice): string {
  return person ?? channel
}
