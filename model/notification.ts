/** What became of telling an event of an alert on one channel. */
export interface Notification {
  alert: string
  /** The key of the event, see eventKey in alert.ts. */
  event: string
  /** Which reminder it was, from 1 on; 0 is the first time. */
  reminder: number
  channel: string
  /** Whose channel it is, where it was told as a person's. */
  person?: string
  outcome: 'delivered' | 'failed'
  /** ms UTC */
  time: number
  /** What the channel answered, or why it was given up. */
  receipt: string
}
