import type { Reading } from '../../model/reading.ts'
import { formsHoar, type RoadEvidence, wets } from '../../model/road-state.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Moment } from '../moment.ts'
import { type HeardPoints, hear, knownOf } from './heard.ts'
import { roadStation } from './road-station.ts'

/** What what is seen of a road hangs on, of the parameters of a condition. */
export type RoadParameters = Pick<
  Extract<Rule['condition'], { type: 'road-surface' }>,
  'hoarMargin' | 'hoarAfter' | 'dries'
>

/** The surface gets colder when it has done so over so long, ms; it is not told from much less. */
export const TREND_MS = 30 * MINUTE_MS
const SHORTEST_TREND_MS = 20 * MINUTE_MS
/** A surface that is colder than at the beginning by more than the noise of its sensor, K. */
const FALL = 0.2

export interface SurfaceTemperature {
  value: number
  at: Moment
}

/** What was heard of a road, as far as its state hangs on it. */
export interface RoadHeard {
  heard: HeardPoints
  /** Surface temperatures of the time of the trail, ascending, a minute or more apart. */
  trail: readonly SurfaceTemperature[]
  /** The newest moment at which precipitation wetted the road. */
  rained?: Moment
  /** Since when it has been cold enough for hoar. */
  cold?: Moment
}

/** What is seen of a road at a moment. */
export interface RoadView {
  evidence: RoadEvidence
  /** Whether it is cold enough for hoar, and whether it has been for long enough. */
  hoar: boolean | undefined
  hoarLasts: boolean
}

/**
 * Hears what a station says of the road at one surface temperature. Pure: what was heard is an argument.
 * @param trailMs how far back surface temperatures are kept
 */
export function listenToRoad(
  surface: Point,
  registry: Registry,
  { maxAge, parameters, trailMs }: { maxAge: number; parameters: RoadParameters; trailMs: number },
) {
  const { dries, hoarAfter, hoarMargin } = parameters
  const station = roadStation(surface, registry)

  const known = ({ heard }: RoadHeard, point: Point, at: Moment) => knownOf(heard, point, at, maxAge)

  function evidenceOf(memory: RoadHeard, at: Moment): RoadEvidence {
    const recentRain = memory.rained !== undefined && at.elapsed - memory.rained.elapsed <= dries
    const evidence = station.evidence(point => known(memory, point, at)?.value, recentRain)
    return { ...evidence, falling: isFalling(memory.trail, at, maxAge) }
  }

  /** Of all that is seen, only the moisture that is supposed hangs on the rain. */
  function rainOn<M extends RoadHeard>(memory: M, at: Moment): { memory: M; evidence: RoadEvidence } {
    const seen = evidenceOf(memory, at)
    if (!wets(seen)) return { memory, evidence: seen }
    const rained = { ...memory, rained: at }
    return { memory: rained, evidence: evidenceOf(rained, at) }
  }

  return {
    station,
    known,

    note<M extends RoadHeard>(memory: M, reading: Reading, at: Moment): M {
      const heard = hear(memory.heard, reading, at)
      const { value } = heard.get(reading.point)!
      if (reading.point !== surface.id || typeof value !== 'number') return { ...memory, heard }
      const last = memory.trail.at(-1)
      const isNext = !last || at.elapsed - last.at.elapsed >= MINUTE_MS
      const trail = isNext ? [...memory.trail, { value, at }] : memory.trail
      return { ...memory, heard, trail: trail.filter(each => at.elapsed - each.at.elapsed <= trailMs) }
    },

    /** What is known at a moment, and what is remembered of it. */
    look<M extends RoadHeard>(before: M, at: Moment): RoadView & { memory: M } {
      const { memory, evidence } = rainOn(before, at)
      const hoar = formsHoar(evidence, { hoar: hoarMargin })
      const cold = hoar === undefined ? memory.cold : hoar ? (memory.cold ?? at) : undefined
      const hoarLasts = hoar === true && at.elapsed - cold!.elapsed >= hoarAfter
      return { memory: { ...memory, cold }, evidence, hoar, hoarLasts }
    },

    /** Whether nothing that is known of the road is doubtful. */
    isCertain: (memory: RoadHeard, at: Moment) =>
      station.points.every(point => known(memory, point, at)?.certain !== false),
  }
}

/** Whether the surface has been getting colder; undefined where too little of the past is known. */
function isFalling(trail: readonly SurfaceTemperature[], at: Moment, maxAge: number): boolean | undefined {
  const first = trail.find(each => trail.at(-1)!.at.elapsed - each.at.elapsed <= TREND_MS)
  const last = trail.at(-1)
  if (!first || !last || at.elapsed - last.at.elapsed > maxAge) return undefined
  if (last.at.elapsed - first.at.elapsed < SHORTEST_TREND_MS) return undefined
  return last.value <= first.value - FALL
}
