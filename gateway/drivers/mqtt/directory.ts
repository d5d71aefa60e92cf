import { followPointer } from '../../documents/pointer.ts'

/** What must stand at JSON Pointers of a document that speaks of something. */
export type Conditions = readonly (readonly [pointer: string, wanted: unknown])[]

/** Finds what a document speaks of by one look-up for each set of pointers, however many wait for it. */
export class Directory<T> {
  /** By the pointers: who waits for which values there. */
  readonly #shelves = new Map<string, { pointers: string[]; waiting: Map<string, T[]> }>()

  add(entry: T, conditions: Conditions): void {
    const sorted = conditions.toSorted(([a], [b]) => (a < b ? -1 : 1))
    const pointers = sorted.map(([pointer]) => pointer)
    const name = JSON.stringify(pointers)
    const shelf = this.#shelves.get(name) ?? { pointers, waiting: new Map<string, T[]>() }
    this.#shelves.set(name, shelf)
    const key = keyOf(sorted.map(([, wanted]) => wanted))!
    const waiting = shelf.waiting.get(key)
    if (waiting) waiting.push(entry)
    else shelf.waiting.set(key, [entry])
  }

  find(document: unknown): T[] {
    const found: T[] = []
    for (const { pointers, waiting } of this.#shelves.values()) {
      const key = keyOf(pointers.map(pointer => followPointer(document, pointer) ?? null))
      if (key !== undefined) found.push(...(waiting.get(key) ?? []))
    }
    return found
  }
}

/** The same for scalars that say the same, as 1 and "1", ON and on do; undefined where one is no scalar. */
function keyOf(values: readonly unknown[]): string | undefined {
  if (values.some(value => typeof value === 'object' && value !== null)) return undefined
  return JSON.stringify(values.map(value => String(value).toLowerCase()))
}
