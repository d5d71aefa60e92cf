import type { Clock } from '../model/clock.ts'
import type { Foresight } from '../model/forecast.ts'
import type { RoadOutlook } from '../model/road-outlook.ts'
import { MINUTE_MS } from '../model/time.ts'
import type { Point, Registry, Rule } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { type Group, groupsOf } from './conditions/heard.ts'
import { lookAhead } from './conditions/road-ahead.ts'
import type { RoadHeard } from './conditions/road-heard.ts'
import { type Moment, present, timeOf } from './moment.ts'

/** The outlook at a surface temperature that a `road-surface` rule watches, by the margins of that rule. */
export function watchOutlook(rule: Rule, surface: Point, registry: Registry) {
  const { condition, maxAge } = rule
  if (condition.type !== 'road-surface') throw new Error(`${rule.id} tells no state of a road`)
  const road = lookAhead(surface, registry, { maxAge, parameters: condition })
  const nothing: RoadHeard = { heard: new Map(), trail: [] }
  return {
    points: road.station.points,
    /** How far back what it says rests on readings, ms. */
    span: road.reach + maxAge,
    nothing,

    /** Takes what was measured together. */
    hear(memory: RoadHeard, { readings, at }: Group): RoadHeard {
      const heard = readings.reduce((before, each) => road.note(before, each.reading, each.at), memory)
      return road.look(heard, at).memory
    },

    outlook(memory: RoadHeard, at: Moment, foresee?: Foresight): RoadOutlook {
      const { after, ...outlook } = road.ahead(memory, at, foresee)
      return { point: surface.id, ...outlook, ...(after !== undefined && { at: at.now + after }) }
    },
  }
}

/** What was worked out is told again for so long, ms. */
const FRESH_MS = MINUTE_MS / 2

/** Works out the outlook of every road that a `road-surface` rule watches, from the stored readings. */
export function openOutlooks(options: {
  registry: Registry
  readings: ReadingStore
  /** What forecasts expect; without it there are none. */
  foresee?: Foresight
  clock: Clock
}): {
  /** `time` is that of the outlooks, ms UTC. */
  read(): Promise<{ time: number; outlooks: RoadOutlook[] }>
} {
  const { registry, readings, foresee, clock } = options
  let known: { rules: Registry['rules']; roads: ReturnType<typeof watchOutlook>[] } | undefined
  let last: { at: Moment; answer: ReturnType<typeof readAll> } | undefined

  /** By the rules that are in force. */
  function roads() {
    const { rules } = registry
    if (known?.rules !== rules) known = { rules, roads: planOutlooks(registry) }
    return known.roads
  }

  /** One road after the other, so that the work of many is spread. */
  async function readAll(at: Moment) {
    const outlooks: RoadOutlook[] = []
    for (const { points, span, nothing, hear, outlook } of roads()) {
      const spans = points.map(({ id, heartbeat = 0 }) =>
        readings.range(id, at.now - span - heartbeat, at.now + 1),
      )
      const stored = (await Promise.all(spans)).flat().sort((a, b) => timeOf(a) - timeOf(b))
      const heard = groupsOf(stored, at).reduce(hear, nothing)
      outlooks.push(outlook(heard, at, foresee))
    }
    return { time: at.now, outlooks }
  }

  return {
    read() {
      const at = present(clock)
      if (last && at.elapsed - last.at.elapsed < FRESH_MS) return last.answer
      const answer = readAll(at)
      last = { at, answer }
      answer.catch(() => {
        if (last?.answer === answer) last = undefined
      })
      return answer
    },
  }
}

function planOutlooks(registry: Registry) {
  return watchedRoads(registry).map(({ rule, point }) => watchOutlook(rule, point, registry))
}

/** The surface temperature of each road once, and the first rule that watches it. */
export function watchedRoads(registry: Registry): { rule: Rule; point: Point }[] {
  const rules = [...registry.rules.values()].filter(({ condition }) => condition.type === 'road-surface')
  const watched = new Map(rules.toReversed().flatMap(rule => rule.points.map(point => [point, rule])))
  return [...watched].map(([point, rule]) => ({ rule, point }))
}
