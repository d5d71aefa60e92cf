import type { ResponseKind } from '../../../../model/response.ts'
import type { Noted, Photo } from './entry.ts'

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
  sent?: object
}

export type Outcome =
  | { kind: 'resolved' | 'changed' | 'gone' | 'other-session' | 'over' | 'corrected' }
  | { kind: 'taken'; by: string }
  | { kind: 'refused'; detail: string }

const NAME = 'affluent-crew'
const STORE = 'actions'

/** The actions that wait, or whose end the person has not seen yet; on disk, so that a closed page loses none. */
export interface Queue {
  all(): Promise<Action[]>
  add(action: NewAction): Promise<void>
  put(action: Action): Promise<void>
  remove(id: number): Promise<void>
}

/** @throws DOMException where the browser keeps nothing. */
export async function openQueue(): Promise<Queue> {
  const opening = indexedDB.open(NAME, 1)
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore(STORE, { keyPath: 'id', autoIncrement: true })
  const database = await resultOf(opening)
  const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode, { durability: 'strict' })
  const change = (work: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = store('readwrite')
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      work(transaction.objectStore(STORE))
    })
  return {
    all: () => resultOf(store('readonly').objectStore(STORE).getAll()),
    add: action => change(to => to.add(action)),
    put: action => change(to => to.put(action)),
    remove: id => change(from => from.delete(id)),
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
