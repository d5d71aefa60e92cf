const MIB = 1024 ** 2

/** What was asked for last and never changes, as far as there is room. */
export interface Memory<T> {
  /** @param make is not called while what it made is kept or is being made; what fails is not kept */
  read(key: string, make: () => Promise<T>): Promise<T>
}

export function createMemory<T>(
  bytesOf: (content: T) => number,
  { mostBytes = 64 * MIB }: { mostBytes?: number } = {},
): Memory<T> {
  /** What was asked for longest ago first. */
  const kept = new Map<string, { content: Promise<T>; bytes: number }>()
  let keptBytes = 0

  function forget(key: string): void {
    keptBytes -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }

  async function make(key: string, work: () => Promise<T>): Promise<T> {
    try {
      const content = await work()
      const entry = kept.get(key)
      if (entry) {
        entry.bytes = bytesOf(content)
        keptBytes += entry.bytes
      }
      for (const oldest of kept.keys()) {
        if (keptBytes <= mostBytes) break
        forget(oldest)
      }
      return content
    } catch (error) {
      forget(key)
      throw error
    }
  }

  return {
    read(key, work) {
      const known = kept.get(key)
      // Behind all others from now on.
      kept.delete(key)
      const entry = known ?? { content: make(key, work), bytes: 0 }
      kept.set(key, entry)
      return entry.content
    },
  }
}
