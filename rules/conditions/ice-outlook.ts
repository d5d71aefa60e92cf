import type { Foresight } from '../../model/forecast.ts'
import type { ExpectedDanger } from '../../model/road-outlook.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Moment } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Verdict } from './condition.ts'
import { type Group, groupsOf } from './heard.ts'
import { lookAhead } from './road-ahead.ts'
import type { RoadHeard } from './road-heard.ts'
import { firstSide, type Side, takeSide } from './side.ts'

type OutlookParameters = Extract<Rule['condition'], { type: 'ice-outlook' }>

/** From when on which danger is expected, ms UTC. */
interface Expected {
  danger: ExpectedDanger
  time: number
}

interface OutlookMemory extends Side, RoadHeard {
  /** What the side was decided on last. */
  settled: RoadHeard
  /** The moment of the newest reading that the side does not rest on yet. */
  pending?: Moment | undefined
  /** Until when none of it is stale, monotonic ms. */
  fresh: number
  expected?: Expected | undefined
}

const PHENOMENON = 'ice-expected'
const DANGERS = ['ice', 'hoar'] as const satisfies readonly ExpectedDanger[]
const LABELS: Record<ExpectedDanger, Text> = {
  ice: { fr: 'Verglas attendu', en: 'Ice expected' },
  hoar: { fr: 'Givre attendu', en: 'Hoar frost expected' },
}
const ANY: Text = { fr: 'Verglas ou givre attendu', en: 'Ice or hoar frost expected' }

/**
 * True when ice or hoar is modelled to begin within so long (see model/road-outlook.ts), and false again when none is to
 * be expected within three hours even if the surface were colder by the margin. A danger that has come keeps it true,
 * and makes it true of itself never: that is told by the state of the road. What is stale or faulty is unknown.
 */
export function iceOutlookCondition(
  parameters: OutlookParameters,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  surface: Point,
  registry: Registry,
  foresee?: Foresight,
): Condition<OutlookMemory> {
  const { within, clearMargin } = parameters
  const { station, reach, note, look, ahead } = lookAhead(surface, registry, { maxAge, parameters })
  const validFor = new Map(station.points.map(({ id, heartbeat = 0 }) => [id, maxAge + heartbeat]))

  function verdictOf(
    road: RoadHeard,
    before: boolean,
    at: Moment,
  ): { verdict: Verdict; expected?: Expected } {
    const { state, danger, after = 0 } = ahead(road, at, foresee)
    if (state === 'now') return { verdict: before }
    if (state === 'unknown') return { verdict: state }
    const expected =
      state === 'expected' ? { danger: danger as ExpectedDanger, time: at.now + after } : undefined
    if (expected && after <= within) return { verdict: true, expected }
    if (!before) return { verdict: false }
    const colder = expected ? 'expected' : ahead(road, at, foresee, clearMargin).state
    return { verdict: colder === 'unknown' ? colder : colder === 'expected', ...(expected && { expected }) }
  }

  /** When the first of what is fresh at a moment will be stale. */
  function freshUntil({ heard }: RoadHeard, at: Moment): number {
    const ends = heard.entries().map(([id, last]) => last.at.elapsed + validFor.get(id)!)
    return Math.min(...ends.filter(end => end >= at.elapsed))
  }

  function take(memory: OutlookMemory, { readings, at }: Group): OutlookMemory {
    const heard = readings.reduce((before, each) => note(before, each.reading, each.at), memory)
    return { ...heard, pending: memory.pending && memory.pending.elapsed > at.elapsed ? memory.pending : at }
  }

  function settle(before: OutlookMemory): OutlookMemory {
    const { pending: at, beyond, decided } = before
    if (!at) return before
    const { memory } = look(before, at)
    const { verdict, expected } = verdictOf(memory, beyond, at)
    const lost =
      verdictOf(before.settled, beyond, at).verdict === 'unknown' &&
      (verdict === false || at.elapsed - decided.elapsed > maxAge)
    const { heard, trail, rained, cold } = memory
    const settled: RoadHeard = { heard, trail, ...(rained && { rained }), ...(cold && { cold }) }
    return {
      ...takeSide(memory, verdict, at, lost),
      ...{ settled, pending: undefined, fresh: freshUntil(memory, at) },
      expected: verdict === false ? undefined : (expected ?? memory.expected),
    }
  }

  return {
    inputs: station.points.slice(1),
    span: () => reach + Math.max(onDelay, offDelay) + 2 * Math.max(...validFor.values()),
    begin({ at, firingSince, recent }) {
      const nothing: RoadHeard = { heard: new Map(), trail: [] }
      const side = firstSide(firingSince !== undefined, firingSince, at)
      const memory: OutlookMemory = { ...side, ...nothing, settled: nothing, fresh: Number.POSITIVE_INFINITY }
      return groupsOf(recent, at).reduce((before, group) => settle(take(before, group)), memory)
    },
    read: (memory, reading, at) => take(memory, { readings: [{ reading, at }], at }),
    pass(memory, at) {
      const settled = settle(memory)
      if (!settled.known || at.elapsed <= settled.fresh) return settled
      const { verdict } = verdictOf(settled, settled.beyond, at)
      return { ...settled, fresh: freshUntil(settled, at), known: verdict !== 'unknown' }
    },
    judge({ heard, beyond, known, since, expected }) {
      const value = heard.get(surface.id)?.value ?? null
      if (!known) return { verdict: 'unknown', since, value }
      if (!beyond) return { verdict: false, since, value }
      const beside = expected && { danger: DANGERS.indexOf(expected.danger), time: expected.time }
      return { verdict: true, since, value, phenomenon: PHENOMENON, ...(beside && { beside }) }
    },
    describe({ value, beside }, point, timeZone) {
      const { danger, time } = (beside ?? {}) as Partial<Record<'danger' | 'time', number>>
      const label = danger === undefined ? ANY : LABELS[DANGERS[danger]!]
      const from = (language: 'fr' | 'en', about: string) =>
        time === undefined ? '' : ` ${about} ${formatTime(time, timeZone, language)}`
      const [fr, en] = [formatValue(value, point.unit, 'fr'), formatValue(value, point.unit, 'en')]
      return {
        fr: `${label.fr}${from('fr', 'vers le')} (modélisé, non mesuré), chaussée ${fr}`,
        en: `${label.en}${from('en', 'from about')} (modelled, not measured), surface ${en}`,
      }
    },
  }
}
