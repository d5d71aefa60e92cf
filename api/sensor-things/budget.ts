/** What one request may still read. */
export interface Budget {
  /** Rows of observations. */
  rows: number
  /** Works where few others do at the same time: what a look takes is known only behind it. */
  look<T>(work: () => Promise<T>): Promise<T>
}

const MOST_LOOKS_AT_ONCE = 16

export function createBudget(rows: number): Budget {
  const waiting: (() => void)[] = []
  let free = MOST_LOOKS_AT_ONCE
  return {
    rows,
    async look(work) {
      if (free > 0) free--
      else await new Promise<void>(resolve => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free++
      }
    },
  }
}
