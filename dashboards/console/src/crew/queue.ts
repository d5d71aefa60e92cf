import type { Queue } from './action.ts'

const NAME = 'affluent-crew'
const STORE = 'actions'

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
