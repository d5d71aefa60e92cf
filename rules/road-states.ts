import { setImmediate as breathe } from 'node:timers/promises'
import type { Clock } from '../model/clock.ts'
import type { Reading } from '../model/reading.ts'
import { ROAD_HISTORY_MS, type RoadHistory, type RoadSpan } from '../model/road-history.ts'
import type { RoadState } from '../model/road-state.ts'
import { MINUTE_MS } from '../model/time.ts'
import type { Point, Registry, Rule } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { RecordStore } from '../store/records.ts'
import { groupsOf } from './conditions/heard.ts'
import { roadStation } from './conditions/road-station.ts'
import { roadSurfaceCondition } from './conditions/road-surface.ts'
import { type Moment, momentOf, present, timeOf } from './moment.ts'
import { SLICE_MS } from './replay-stored.ts'
import { watchedRoads } from './road-outlook.ts'

/** What was worked out is told again for so long, ms. */
const FRESH_MS = MINUTE_MS

interface RoadStateParts {
  registry: Registry
  readings: Pick<ReadingStore, 'latest' | 'range'>
  records: Pick<RecordStore, 'eventsOfAlertsLiveAt'>
  clock: Clock
}

/**
 * The state that every road was in during the last twelve hours, minute by minute, by the condition of the first
 * `road-surface` rule that watches it: what the rule judges before its delays, from what is stored now. What came late
 * counts at its own time, which it does not for an alert.
 */
export function openRoadStates(parts: RoadStateParts): {
  /** `time` is when it was worked out, ms UTC. */
  read(): Promise<{ time: number; roads: RoadHistory[] }>
} {
  const { registry, records, clock } = parts
  let last: { at: Moment; rules: Registry['rules']; answer: ReturnType<typeof readAll> } | undefined

  /** One road after the other, so that the work of many is spread. */
  async function readAll(at: Moment) {
    const before = records.eventsOfAlertsLiveAt(at.now - ROAD_HISTORY_MS).map(({ event }) => event.alert)
    const roads: RoadHistory[] = []
    for (const { rule, point } of watchedRoads(registry)) {
      const live = before.findLast(alert => alert.rule === rule.id && alert.point === point.id)
      roads.push(await historyOf(parts, rule, point, at, live))
    }
    return { time: at.now, roads }
  }

  return {
    read() {
      const at = present(clock)
      const { rules } = registry
      if (last?.rules === rules && at.elapsed - last.at.elapsed < FRESH_MS) return last.answer
      const answer = readAll(at)
      last = { at, rules, answer }
      answer.catch(() => {
        if (last?.answer === answer) last = undefined
      })
      return answer
    },
  }
}

/** @param live an alert of the rule that was live at the beginning: a danger that nothing has cleared */
async function historyOf(
  { registry, readings }: RoadStateParts,
  rule: Rule,
  surface: Point,
  at: Moment,
  live: { since: number; phenomenon?: string } | undefined,
): Promise<RoadHistory> {
  const { condition: parameters } = rule
  if (parameters.type !== 'road-surface') throw new Error(`${rule.id} tells no state of a road`)
  const condition = roadSurfaceCondition(parameters, rule, surface, registry)
  const { points } = roadStation(surface, registry)
  const start = momentOf(at.now - ROAD_HISTORY_MS, at)
  const latest = await readings.latest(points.map(({ id }) => id))
  const reach = Math.max(0, ...latest.map(reading => condition.span(reading)))
  const stored = await Promise.all(
    points.map(({ id, heartbeat = 0 }) => readings.range(id, start.now - reach - heartbeat, at.now + 1)),
  )
  const inOrder = stored.flat().sort((a, b) => timeOf(a) - timeOf(b))
  const isBefore = (reading: Reading) => timeOf(reading) < start.now

  const begun = { at: start, point: surface, recent: inOrder.filter(isBefore) }
  let memory = condition.begin({
    ...begun,
    firingSince: live && momentOf(live.since, at),
    phenomenon: live?.phenomenon,
  })
  const changes: { time: number; state: RoadState }[] = []
  let next = start.now
  const pass = (moment: Moment) => {
    memory = condition.pass!(memory, moment)
    const state = (condition.judge(memory, moment).phenomenon ?? 'clear') as RoadState
    if (changes.at(-1)?.state !== state) changes.push({ time: moment.now, state })
    next = moment.now + MINUTE_MS
  }
  let since = performance.now()
  for (const group of groupsOf(
    inOrder.filter(each => !isBefore(each)),
    at,
  )) {
    while (next < group.at.now) pass(momentOf(next, at))
    for (const { reading, at: moment } of group.readings) memory = condition.read(memory, reading, moment)
    pass(group.at)
    if (performance.now() - since < SLICE_MS) continue
    await breathe()
    since = performance.now()
  }
  while (next < at.now) pass(momentOf(next, at))
  pass(at)
  return {
    ...{ rule: rule.id, point: surface.id, spans: spansOf(changes, at.now) },
    surface: knownValue(inOrder, surface, rule.maxAge, at),
  }
}

function spansOf(changes: readonly { time: number; state: RoadState }[], end: number): RoadSpan[] {
  return changes.map(({ time, state }, i) => ({ start: time, end: changes[i + 1]?.time ?? end, state }))
}

function knownValue(stored: readonly Reading[], surface: Point, maxAge: number, at: Moment) {
  const last = stored.findLast(({ point }) => point === surface.id)
  if (typeof last?.value !== 'number') return undefined
  return at.now - timeOf(last) > maxAge + (surface.heartbeat ?? 0) ? undefined : last.value
}
