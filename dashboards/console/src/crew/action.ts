import type { ResponseKind } from '../../../../model/response.ts'
import type { Draft, Noted, Photo } from './entry.ts'

/** What a person has done on this phone. */
export type Action = Given & (Acknowledgement | Response | Record)
/** An action before it is kept. */
export type NewAction = Omit<Given, 'id'> & (Acknowledgement | Response | Record)

interface Given {
  /** They are sent in this order. */
  id: number
  /** What it was about, to be told when the alert is no longer listed. */
  what: string
  where: string
  /** When the person acted, ms UTC of this device. */
  at: number
  /** Whose session it was, where that was known. */
  actor: string | null
  /** How it ended, where the person has to be told. */
  outcome?: Outcome
}

interface Acknowledgement {
  action: 'acknowledge'
  alert: string
  /** How often the alert had changed when the person saw it. */
  change: number
}

interface Response {
  action: 'respond'
  alert: string
  kind: ResponseKind
  /** As it was sent first: a repeat has to be the same. */
  sent?: object
}

interface Record {
  action: 'record'
  noted: Noted
  /** Sent before the entry that refers to them. */
  photos: readonly Photo[]
  /** As it stood in the form, without the photos: by it the entry is changed while nothing of it was sent. */
  draft?: Draft
  sent?: object
}

export type Outcome =
  | { kind: 'resolved' | 'changed' | 'gone' | 'other-session' | 'over' | 'corrected' | 'sent-before' }
  | { kind: 'taken'; by: string }
  | { kind: 'refused'; detail: string }

/** The actions that wait, or whose end the person has not seen yet; on disk, so that a closed page loses none. */
export interface Queue {
  all(): Promise<Action[]>
  add(action: NewAction): Promise<void>
  put(action: Action): Promise<void>
  remove(id: number): Promise<void>
}
