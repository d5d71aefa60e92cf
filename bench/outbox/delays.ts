import type { Outbox } from '../../bus/contract.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { quantile } from '../figures.ts'

export interface WatchedOutbox {
  outbox: Outbox<Reading>
  /** Resolves when every number up to this one is acknowledged. */
  until(last: number): Promise<void>
  /** From append to acknowledgement, of all groups appended through the watched outbox so far, ms. */
  delays(): { p50: number; p99: number }
}

/** An outbox that notes when groups are appended and when they are acknowledged. */
export function watchDelays(outbox: Outbox<Reading>, clock: Clock): WatchedOutbox {
  /** By the last number of a group, ascending: when it was appended. */
  const underWay = new Map<number, number>()
  const delays: number[] = []
  let goal = Infinity
  const reached = Promise.withResolvers<void>()
  const watched: Outbox<Reading> = Object.create(outbox, {
    append: {
      value(entries: readonly Reading[]): number {
        const appended = clock.elapsed()
        const first = outbox.append(entries)
        underWay.set(first + entries.length - 1, appended)
        return first
      },
    },
    acknowledge: {
      value(...[upTo, ranges]: Parameters<Outbox<Reading>['acknowledge']>): void {
        outbox.acknowledge(upTo, ranges)
        for (const [last, appended] of underWay) {
          if (last > upTo && !ranges.some(range => range[0] <= last && last <= range[1])) continue
          delays.push(clock.elapsed() - appended)
          underWay.delete(last)
        }
        if (upTo >= goal) reached.resolve()
      },
    },
  })
  return {
    outbox: watched,
    until(last) {
      goal = last
      return reached.promise
    },
    delays() {
      const sorted = delays.toSorted((a, b) => a - b)
      return { p50: quantile(sorted, 0.5)!, p99: quantile(sorted, 0.99)! }
    },
  }
}
