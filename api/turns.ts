import type { Clock } from '../model/clock.ts'

/** Shares the event loop out: what has to wait in a turn of it goes on in the next one, in its order. */
export interface Turns {
  /** Does some work at once, or in a later turn. */
  take(work: () => void): void
}

/**
 * What comes in at a time is answered in one turn of the event loop otherwise, however much it is. Meanwhile nobody else
 * is heard, and of new connections libuv accepts one a turn.
 *
 * @param mostMs how long work may begin in a turn
 */
export function createTurns(clock: Pick<Clock, 'elapsed'>, mostMs: number): Turns {
  const waiting: (() => void)[] = []
  /** When this turn began to work; undefined where it has not. */
  let began: number | undefined

  const isOver = () => clock.elapsed() - began! >= mostMs

  function begin(): void {
    began = clock.elapsed()
    setImmediate(goOn)
  }

  function goOn(): void {
    began = undefined
    if (waiting.length === 0) return
    begin()
    workOff()
  }

  function workOff(): void {
    if (isOver()) return
    waiting.shift()?.()
    // What it has set off goes on meanwhile.
    if (waiting.length > 0) queueMicrotask(workOff)
  }

  return {
    take(work) {
      if (began === undefined) begin()
      if (isOver()) waiting.push(work)
      else work()
    },
  }
}
