import type { AlertEvent } from '../../model/alert.ts'
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

export type Outcome = Notification['outcome']

/** By whom an acknowledgement was given that came by a notice. */
export function actorOf({ person, channel }: Notice): string {
  return person ?? channel
}
