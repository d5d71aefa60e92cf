import type { Clock } from '../../model/clock.ts'

/** A civil clock that runs at the usual pace from a given moment and can be set; monotonic time stays real. */
export function startTestClock(start: string): Clock & { set(time: string): void } {
  let offset = 0
  const set = (time: string) => {
    offset = Date.parse(time) - performance.now()
  }
  set(start)
  return { now: () => Math.round(offset + performance.now()), elapsed: () => performance.now(), set }
}
