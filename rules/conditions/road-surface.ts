import type { Foresight } from '../../model/forecast.ts'
import {
  freezes,
  isDry,
  isToBeWatched,
  isWarm,
  ROAD_DANGERS,
  type RoadMargins,
  type RoadState,
  roadDanger,
} from '../../model/road-state.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Moment } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Judgement } from './condition.ts'
import { groupsOf } from './heard.ts'
import { listenToRoad, type RoadHeard, TREND_MS } from './road-heard.ts'
import { temperaturesNearby } from './road-station.ts'
import { settleMs } from './settle.ts'

type RoadParameters = Extract<Rule['condition'], { type: 'road-surface' }>

interface RoadMemory extends RoadHeard {
  state: RoadState
  since: Moment
  /** Since when there has been a danger of whichever kind; and that, or what may become one. */
  dangerous?: Moment
  threatened?: Moment
  /** Monotonic ms before which it proves nothing that the station is not heard. */
  settled: number
  /** A danger was there, and has not been cleared. */
  uncleared: boolean
  /** Since when it has been warm enough for no ice, and dry. */
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
    fr: 'État de la chaussée inconnu, gel possible',
    en: 'Road state unknown, frost is possible',
  },
  clear: { fr: 'Chaussée sans danger', en: 'Road without danger' },
}

/**
 * The state of the road at a surface temperature, from all that its station measures (see model/road-state.ts).
 * A danger ends when the surface has been warm or dry for long enough, and is watched until then; a treatment ends
 * none. What is stale or faulty makes the state unknown, which raises nothing and clears nothing, unless it lasts
 * while frost is possible.
 */
export function roadSurfaceCondition(
  parameters: RoadParameters,
  rule: Pick<Rule, 'onDelay' | 'maxAge' | 'severity'>,
  surface: Point,
  registry: Registry,
  foresee: Foresight = () => undefined,
): Condition<RoadMemory> {
  const { hoarAfter, warmFor, dryFor, dries, unknownFor, watchSeverity, nearbyBelow } = parameters
  const margins: Omit<RoadMargins, 'hoar'> = {
    watch: parameters.watchMargin,
    clear: parameters.clearMargin,
    dew: parameters.dewMargin,
  }
  const { station, known, note, look, isCertain } = listenToRoad(surface, registry, {
    maxAge: rule.maxAge,
    parameters,
    trailMs: TREND_MS,
  })
  const own = new Set(station.points.map(({ id }) => id))
  const neighbours = temperaturesNearby(surface, registry, parameters.nearby)
  const settle = settleMs(surface, unknownFor)

  function advance(before: RoadMemory, at: Moment): RoadMemory {
    const { memory, evidence, hoar, hoarLasts } = look(before, at)
    // What is uncertain may show danger, but never its end.
    const certain = isCertain(memory, at)
    const warm = certain && isWarm(evidence, margins) ? (memory.warm ?? at) : undefined
    const dry = certain && isDry(evidence) ? (memory.dry ?? at) : undefined
    const lasted = (since: Moment | undefined, ms: number) =>
      since !== undefined && at.elapsed - since.elapsed >= ms
    const danger = roadDanger(evidence, hoarLasts)
    const cleared = lasted(warm, warmFor) || lasted(dry, dryFor)
    const watched = isToBeWatched(evidence, margins)
    const doubt =
      !certain || evidence.surface === undefined || [hoar, freezes(evidence), watched].includes(undefined)
    const lingers = memory.uncleared && !cleared
    const state: RoadState = danger ?? (watched ? 'watch' : doubt ? 'unknown' : lingers ? 'watch' : 'clear')
    const since = state === memory.state ? memory.since : at
    const dangerous = danger && (memory.dangerous ?? at)
    const threatened = state === 'clear' || state === 'unknown' ? undefined : (memory.threatened ?? at)
    const uncleared = lingers || lasted(dangerous, rule.onDelay)
    return { ...memory, warm, dry, uncleared, state, since, dangerous, threatened }
  }

  const freezesNearby = (memory: RoadMemory, at: Moment) =>
    neighbours.some(point => {
      const value = known(memory, point, at)?.value
      return typeof value === 'number' && value < nearbyBelow
    })

  /** The surface, or else the air, of the present by a forecast. */
  function freezesByForecast(at: Moment): boolean {
    const expected = foresee(surface.site, at.now, at.now)
    const temperature = expected?.['surface-temperature'] ?? expected?.['air-temperature']
    return temperature !== undefined && temperature < nearbyBelow
  }

  function judge(memory: RoadMemory, at: Moment): Judgement {
    const { state, since, dangerous, threatened, uncleared, settled } = memory
    const value = known(memory, surface, at)?.value ?? null
    if (state === 'clear') return { verdict: false, since, value }
    if (state === 'unknown') {
      // What was a danger before is told already, and is not made less of because nobody sees it.
      const lasts = at.elapsed - since.elapsed >= unknownFor && at.elapsed >= settled
      const told = lasts && !uncleared && (freezesNearby(memory, at) || freezesByForecast(at))
      return { verdict: told || 'unknown', since, value, phenomenon: state, severity: watchSeverity }
    }
    const grade =
      state === 'watch'
        ? { danger: threatened, severity: watchSeverity }
        : { danger: dangerous, severity: rule.severity }
    return { verdict: true, since, ...grade, value, phenomenon: state }
  }

  return {
    inputs: [...station.points.slice(1), ...neighbours],
    span: latest =>
      (own.has(latest.point) ? Math.max(hoarAfter, warmFor, dryFor, dries, TREND_MS) : 0) + rule.maxAge,
    begin({ at, firingSince, phenomenon, recent }) {
      const groups = groupsOf(recent, at)
      const first = groups[0]?.readings[0]?.at ?? at
      let memory: RoadMemory = {
        heard: new Map(),
        trail: [],
        state: 'unknown',
        since: at,
        settled: at.elapsed + settle,
        // What began before all that is stored may have been a danger then.
        uncleared: firingSince !== undefined && firingSince.elapsed < first.elapsed,
      }
      for (const group of groups) {
        for (const each of group.readings) memory = note(memory, each.reading, each.at)
        memory = advance(memory, group.at)
      }
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
      const surface = (language: 'fr' | 'en', word: string) =>
        value === null ? '' : `, ${word} ${formatValue(value, point.unit, language)}`
      return {
        fr: `${label.fr}${surface('fr', 'chaussée')}, depuis le ${formatTime(since.now, timeZone, 'fr')}`,
        en: `${label.en}${surface('en', 'surface')}, since ${formatTime(since.now, timeZone, 'en')}`,
      }
    },
  }
}
