import { setImmediate } from 'node:timers/promises'

/** Work that goes on at once does not hold up the event loop for longer. */
const TURN_MS = 10

let began = -Infinity
let nextTurn: Promise<void> | undefined

/** Does a piece of work in this turn of the event loop while it is young, else in a later one. */
export async function inTurn<T>(work: () => T): Promise<T> {
  while (performance.now() - began > TURN_MS) {
    nextTurn ??= setImmediate().then(() => {
      nextTurn = undefined
      began = performance.now()
    })
    await nextTurn
  }
  return work()
}

/**
 * Lets work go on at once as long as what it holds stays within a limit, and the rest wait in order; what exceeds
 * the limit by itself goes on alone.
 */
export function limitHeld(limit: number): <T>(amount: number, work: () => Promise<T>) => Promise<T> {
  const waiting: { amount: number; begin(): void }[] = []
  let held = 0

  function beginNext() {
    while (waiting.length > 0 && (held === 0 || held + waiting[0]!.amount <= limit)) {
      const { amount, begin } = waiting.shift()!
      held += amount
      begin()
    }
  }

  return async (amount, work) => {
    await new Promise<void>(begin => {
      waiting.push({ amount, begin })
      beginNext()
    })
    try {
      return await work()
    } finally {
      held -= amount
      beginNext()
    }
  }
}
