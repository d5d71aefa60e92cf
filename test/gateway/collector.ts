import { pino } from 'pino'
import type { Sample } from '../../gateway/driver.ts'
import type { Clock } from '../../model/clock.ts'

export const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
export const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }

/** A clock of which the monotonic part is set by hand. */
export function handClock(): Clock & { advance(ms: number): void } {
  let elapsed = 0
  function advance(ms: number): void {
    elapsed += ms
  }
  return { now: clock.now, elapsed: () => elapsed, advance }
}

/** Keeps what is delivered and waits for what is to come. */
export class Collector<T = Sample> {
  readonly all: T[] = []
  #check = () => {}

  deliver = (items: readonly T[]): void => {
    this.all.push(...items)
    this.#check()
  }

  /** Resolves with the first item from `from` on that fits, which may have come already. */
  next = async (fits: (item: T) => boolean, from = 0): Promise<T> => {
    for (;;) {
      const found = this.all.slice(from).find(fits)
      if (found) return found
      await new Promise<void>(resolve => (this.#check = resolve))
    }
  }
}

/** `name=value` or `name=quality`, as they came. */
export function told(samples: readonly Sample[]): string[] {
  return samples.map(({ point, value, quality }) => `${point.name}=${quality === 'good' ? value : quality}`)
}
