import type { Clock } from '../model/clock.ts'
import { MINUTE_MS } from '../model/time.ts'
import type { Registry } from '../registry/registry.ts'
import type { Deriver } from './deriver.ts'

/** When the last daily test went out, ms UTC, and on which channels it has arrived. */
export type LastTest = { time: number; arrived: ReadonlyMap<string, boolean> }

/**
 * How many channels the last daily test has not reached. While it is under way nothing is known; what arrives late
 * counts, and so does a channel no more that the registry does not have any more.
 * @param options.patienceMs after which a test that has not arrived has failed
 */
export function dailyTest(options: {
  registry: Pick<Registry, 'points' | 'channels'>
  lastTest(): LastTest | undefined
  patienceMs: number
  clock: Clock
}): Deriver {
  const { registry, lastTest, patienceMs, clock } = options
  const point = [...registry.points.values()].find(
    ({ quantityName }) => quantityName === 'unreached-channels',
  )
  return {
    intervalMs: point?.interval ?? MINUTE_MS,
    derive() {
      const test = lastTest()
      if (!point || !test) return []
      const unreached = [...test.arrived].filter(([id, arrived]) => !arrived && registry.channels.has(id))
      if (unreached.length > 0 && clock.now() < test.time + patienceMs) return []
      return [{ point: point.id, time: clock.now(), value: unreached.length }]
    },
  }
}
