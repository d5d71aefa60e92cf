import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import {
  formsHoar,
  freezes,
  isDry,
  isToBeWatched,
  isWarm,
  ROAD_DANGERS,
  type RoadEvidence,
  type RoadMargins,
  type RoadState,
  roadDanger,
  wets,
} from '../../model/road-state.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Judgement } from './condition.ts'
import { type Known, neighboursOf, roadStation } from './road-station.ts'
import { settleMs } from './settle.ts'

type RoadParameters = Extract<Rule['condition'], { type: 'road-surface' }>

/** The trend is that of so long, and is not told from much less, ms. */
const TREND_MS = 30 * MINUTE_MS
const SHORTEST_TREND_MS = 20 * MINUTE_MS
/** A surface that is colder than at the beginning by more than the noise of its sensor, K. */
const FALL = 0.2
/** What a station measures at one time comes within so long, ms. */
const TOGETHER_MS = 1000

interface Heard {
  /** Null where it was bad. */
  value: Value
  /** Good, and not merely uncertain. */
  certain: boolean
  at: Moment
}

interface RoadMemory {
  /** The newest of every point, by id. */
  heard: ReadonlyMap<string, Heard>
  /** Surface temperatures of the time of the trend, ascending, a minute or more apart. */
  trail: readonly { value: number; at: Moment }[]
  state: RoadState
  since: Moment
  /** Monotonic ms before which it proves nothing that the station is not heard. */
  settled: number
  /** A danger was there, and has not been cleared. */
  uncleared: boolean
  /** The newest moment at which precipitation wetted the road. */
  rained?: Moment
  /** Since when it has been cold enough for hoar, warm enough for no ice, and dry. */
  cold?: Moment
  warm?: Moment
  dry?: Moment
}

const LABELS: Record<RoadState, Text> = {
  'freezing-rain': { fr: 'Pluie verglaçante', en: 'Freezing rain' },
  ice: { fr: 'Verglas', en: 'Ice' },
  snow: { fr: 'Neige', en: 'Snow' },
  hoar: { fr: 'Givre', en: 'Hoar frost' },
  watch: { fr: 'Verglas possible', en: 'Ice is possible' },
  unknown: {
    fr: 'État de la chaussée inconnu, il gèle à proximité',
    en: 'Road state unknown, it freezes nearby',
  },
  clear: { fr: 'Chaussée sans danger', en: 'Road without danger' },
}

/**
 * The state of the road at a surface temperature, from all that its station measures (see model/road-state.ts).
 * A danger ends when the surface has been warm or dry for long enough, and is watched until then; a treatment ends
 * none. What is stale or faulty makes the state unknown, which raises nothing and clears nothing, unless it lasts
 * while it freezes nearby.
 */
export function roadSurfaceCondition(
  parameters: RoadParameters,
  rule: Pick<Rule, 'onDelay' | 'maxAge' | 'severity'>,
  surface: Point,
  registry: Registry,
): Condition<RoadMemory> {
  const { hoarAfter, warmFor, dryFor, dries, unknownFor, watchSeverity, nearbyBelow } = parameters
  const margins: RoadMargins = {
    watch: parameters.watchMargin,
    clear: parameters.clearMargin,
    hoar: parameters.hoarMargin,
    dew: parameters.dewMargin,
  }
  const station = roadStation(surface, registry)
  const own = new Set(station.points.map(({ id }) => id))
  const neighbours = neighboursOf(surface, registry, parameters.nearby)
  const settle = settleMs(surface, unknownFor)

  /** The fresh value of a point; undefined where it is stale, bad or was never heard. */
  function knownOf(memory: RoadMemory, point: Point, at: Moment): Known {
    const heard = memory.heard.get(point.id)
    if (!heard || heard.value === null) return undefined
    const fresh = at.elapsed - heard.at.elapsed <= rule.maxAge + (point.heartbeat ?? 0)
    return fresh ? heard.value : undefined
  }

  function evidenceOf(memory: RoadMemory, at: Moment): RoadEvidence {
    const recentRain = memory.rained !== undefined && at.elapsed - memory.rained.elapsed <= dries
    const known = (point: Point) => knownOf(memory, point, at)
    return { ...station.evidence(known, recentRain), falling: isFalling(memory.trail, at, rule.maxAge) }
  }

  function advance(memory: RoadMemory, at: Moment): RoadMemory {
    const seen = evidenceOf(memory, at)
    const rained = wets(seen) ? at : memory.rained
    // Of all that is seen, only the moisture that is supposed hangs on the rain.
    const evidence = rained === memory.rained ? seen : evidenceOf({ ...memory, rained }, at)
    const hoar = formsHoar(evidence, margins)
    const cold = hoar === undefined ? memory.cold : hoar ? (memory.cold ?? at) : undefined
    // What is uncertain may show danger, but never its end.
    const certain = station.points.every(
      point => knownOf(memory, point, at) === undefined || memory.heard.get(point.id)!.certain,
    )
    const warm = certain && isWarm(evidence, margins) ? (memory.warm ?? at) : undefined
    const dry = certain && isDry(evidence) ? (memory.dry ?? at) : undefined
    const lasted = (since: Moment | undefined, ms: number) =>
      since !== undefined && at.elapsed - since.elapsed >= ms
    const danger = roadDanger(evidence, hoar === true && lasted(cold, hoarAfter))
    const cleared = lasted(warm, warmFor) || lasted(dry, dryFor)
    const watched = isToBeWatched(evidence, margins)
    const doubt =
      !certain || evidence.surface === undefined || [hoar, freezes(evidence), watched].includes(undefined)
    const before = memory.uncleared && !cleared
    const state: RoadState = danger ?? (watched ? 'watch' : doubt ? 'unknown' : before ? 'watch' : 'clear')
    const since = state === memory.state ? memory.since : at
    const uncleared = before || (danger !== undefined && lasted(since, rule.onDelay))
    return { ...memory, rained, cold, warm, dry, uncleared, state, since }
  }

  function note(memory: RoadMemory, reading: Reading, at: Moment): RoadMemory {
    const quality = qualityOf(reading.quality)
    const value = quality === 'bad' ? null : reading.value
    const heard = new Map(memory.heard).set(reading.point, { value, certain: quality === 'good', at })
    if (reading.point !== surface.id || typeof value !== 'number') return { ...memory, heard }
    const last = memory.trail.at(-1)
    const isNext = !last || at.elapsed - last.at.elapsed >= MINUTE_MS
    const trail = isNext ? [...memory.trail, { value, at }] : memory.trail
    return { ...memory, heard, trail: trail.filter(each => at.elapsed - each.at.elapsed <= TREND_MS) }
  }

  const freezesNearby = (memory: RoadMemory, at: Moment) =>
    neighbours.some(point => {
      const value = knownOf(memory, point, at)
      return typeof value === 'number' && value < nearbyBelow
    })

  function judge(memory: RoadMemory, at: Moment): Judgement {
    const { state, since, uncleared, settled } = memory
    const value = memory.heard.get(surface.id)?.value ?? null
    if (state === 'clear') return { verdict: false, since, value }
    if (state === 'unknown') {
      // What was a danger before is told already, and is not made less of because nobody sees it.
      const lasts = at.elapsed - since.elapsed >= unknownFor && at.elapsed >= settled
      const told = lasts && !uncleared && freezesNearby(memory, at)
      return { verdict: told || 'unknown', since, value, phenomenon: state, severity: watchSeverity }
    }
    const severity = state === 'watch' ? watchSeverity : rule.severity
    return { verdict: true, since, value, phenomenon: state, severity }
  }

  return {
    inputs: [...station.points.slice(1), ...neighbours],
    span: latest =>
      (own.has(latest.point) ? Math.max(hoarAfter, warmFor, dryFor, dries, TREND_MS) : 0) + rule.maxAge,
    begin({ at, firingSince, phenomenon, recent }) {
      let last = recent[0] ? momentOf(timeOf(recent[0]), at) : at
      let memory: RoadMemory = {
        heard: new Map(),
        trail: [],
        state: 'unknown',
        since: at,
        settled: at.elapsed + settle,
        // What began before all that is stored may have been a danger then.
        uncleared: firingSince !== undefined && firingSince.elapsed < last.elapsed,
      }
      for (const reading of recent) {
        const moment = momentOf(timeOf(reading), at)
        // What was measured together is looked at together.
        if (moment.elapsed - last.elapsed >= TOGETHER_MS) memory = advance(memory, last)
        memory = note(memory, reading, moment)
        last = moment
      }
      memory = advance(memory, last)
      // The store may lag behind what raised an alert: what it holds from before says nothing of its end.
      if (!firingSince) return memory
      const after = (since: Moment | undefined) =>
        since && since.elapsed < firingSince.elapsed ? firingSince : since
      const uncleared = memory.uncleared || ROAD_DANGERS.some(danger => danger === phenomenon)
      return { ...memory, uncleared, warm: after(memory.warm), dry: after(memory.dry) }
    },
    read: note,
    interrupt: (memory, at) => ({ ...memory, settled: at.elapsed + settle }),
    pass: advance,
    judge,
    describe({ phenomenon, value, since }, point, timeZone) {
      const label = LABELS[phenomenon as RoadState]
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${label.fr}, chaussée ${fr.value}, depuis le ${fr.since}`,
        en: `${label.en}, surface ${en.value}, since ${en.since}`,
      }
    },
  }
}

/** Whether the surface has been getting colder; undefined where too little of the past is known. */
function isFalling(trail: RoadMemory['trail'], at: Moment, maxAge: number): boolean | undefined {
  const [first, last] = [trail[0], trail.at(-1)]
  if (!first || !last || at.elapsed - last.at.elapsed > maxAge) return undefined
  if (last.at.elapsed - first.at.elapsed < SHORTEST_TREND_MS) return undefined
  return last.value <= first.value - FALL
}
