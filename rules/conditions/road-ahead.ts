import type { Foresight } from '../../model/forecast.ts'
import { COOLING_MS, type RoadOutlook, roadOutlook } from '../../model/road-outlook.ts'
import { roadDanger } from '../../model/road-state.ts'
import type { Point, Registry } from '../../registry/registry.ts'
import type { Moment } from '../moment.ts'
import { listenToRoad, type RoadHeard, type RoadParameters } from './road-heard.ts'

/** What is to be expected of a road at a moment: see {@link RoadOutlook}. */
export interface RoadAhead extends Pick<RoadOutlook, 'state' | 'danger' | 'surface' | 'lowest'> {
  /** In how many ms it is expected. */
  after?: number
}

/** Hears what a station says of the road at one surface temperature, and looks ahead. Pure, as is listening. */
export function lookAhead(
  surface: Point,
  registry: Registry,
  { maxAge, parameters }: { maxAge: number; parameters: RoadParameters },
) {
  const { hoarMargin, hoarAfter, dries } = parameters
  const listener = listenToRoad(surface, registry, { maxAge, parameters, trailMs: COOLING_MS })

  return {
    ...listener,
    /** How far back what it says rests on readings, beside their age, ms. */
    reach: Math.max(dries, hoarAfter, COOLING_MS),

    /** @param colderBy by how much the surface is taken to be colder than it is, K */
    ahead(memory: RoadHeard, at: Moment, foresee?: Foresight, colderBy = 0): RoadAhead {
      const { evidence, hoarLasts } = listener.look(memory, at)
      const { surface: temperature } = evidence
      const danger = roadDanger(evidence, hoarLasts)
      if (danger) return { state: 'now', danger, surface: temperature }
      const outlook = roadOutlook({
        evidence: { ...evidence, surface: temperature === undefined ? undefined : temperature - colderBy },
        samples: memory.trail.map(({ value, at }) => ({ value, time: at.elapsed })),
        margins: { hoar: hoarMargin },
        hoarAfter,
        ahead: after => foresee?.(surface.site, at.now + after, at.now),
      })
      // What is uncertain may show danger, but never that there is none.
      const state = outlook.state === 'none' && !listener.isCertain(memory, at) ? 'unknown' : outlook.state
      return { ...outlook, state, surface: temperature }
    },
  }
}
