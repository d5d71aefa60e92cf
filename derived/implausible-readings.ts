import type { Clock } from '../model/clock.ts'
import type { Exclusion } from '../model/exclusion.ts'
import type { Point, Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { DerivedReading, Deriver } from './deriver.ts'
import { lastFullDay } from './full-hours.ts'

/** Meters take turns, so that thousands of them keep nobody waiting. */
const TURN_MS = 10_000
const METERS_A_TURN = 20

/**
 * Of every meter that is read, how many readings of the last 24 full hours are left out of its consumption because they
 * cannot be true. Nothing is told of a meter that said nothing in them: silence is no all-clear.
 *
 * @param options.exclusions of a meter, both ends inclusive, ms UTC
 */
export function implausibleReadings(options: {
  registry: Pick<Registry, 'points' | 'meters'>
  readings: Pick<ReadingStore, 'aggregate'>
  exclusions: (meter: string, from: number, to: number) => Promise<readonly Exclusion[]>
  clock: Clock
}): Deriver {
  const { registry, readings, exclusions, clock } = options
  /** Up to when each was looked into, ms UTC. */
  const lookedInto = new Map<string, number>()
  const told = [...registry.points.values()].flatMap(point => meteredOf(point, registry))

  return {
    intervalMs: TURN_MS,
    async derive(last) {
      const { from, to } = lastFullDay(clock.now())
      const isDue = (point: string) => Math.max(last(point)?.time ?? 0, lookedInto.get(point) ?? 0) < to
      const due = told.filter(({ point }) => isDue(point)).slice(0, METERS_A_TURN)
      const derived: DerivedReading[] = []
      for (const { point, meter, index } of due) {
        lookedInto.set(point, to)
        const hours = await readings.aggregate(index, 'hour', from, to)
        if (!hours.some(({ valid }) => valid > 0)) continue
        const excluded = await exclusions(meter, from, to - 1)
        derived.push({ point, time: to, value: excluded.length })
      }
      return derived
    },
  }
}

/** The meter that a point tells of, and the point of its index. */
function meteredOf(
  { id, source, quantityName }: Point,
  { meters }: Pick<Registry, 'meters'>,
): { point: string; meter: string; index: string }[] {
  if (source.driver !== 'derived' || source.meter === undefined || quantityName !== 'implausible-readings')
    return []
  return [{ point: id, meter: source.meter, index: meters.get(source.meter)!.point!.id }]
}
