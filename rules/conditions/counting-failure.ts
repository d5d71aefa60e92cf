import { pointIdBeside } from '../../model/point-id.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { besideOf, VEHICLES } from '../../registry/conditions/counter.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Moment } from '../moment.ts'
import { formatLength, formatTime } from '../text.ts'
import type { Condition } from './condition.ts'
import { type Group, groupsOf } from './heard.ts'
import { pointsNearby } from './nearby.ts'
import { addSaid, holdsThroughout, type SaidByPoint, vehiclesWithin } from './said.ts'
import { firstSide, reachedBefore, type Side, takeSide } from './side.ts'

type FailureParameters = Extract<Rule['condition'], { type: 'counting-failure' }>

interface FailureMemory extends Side<number> {
  said: SaidByPoint
  /** Vehicles of the hour of the clock that goes on, by its number since 1970, as far as it was heard. */
  hour: { number: number; vehicles: number }
  /** Vehicles of an hour of the day (UTC), the last time that any were counted in it. */
  usual: ReadonlyMap<number, number>
}

/** From the most certain one on. */
type Phenomenon = 'counts-too-many' | 'blocked' | 'lane-counts-none' | 'counts-none'
const PHENOMENA: readonly (Phenomenon | 'none')[] = [
  'counts-too-many',
  'blocked',
  'lane-counts-none',
  'counts-none',
]

/**
 * Whether a counter that is heard does not count what passes: more than can pass, nothing under a vehicle that never
 * leaves, nothing while another lane counts, or nothing while the neighbours count and it usually does at this hour. What
 * has begun to count nothing is over when something is counted, however quiet the night is; silence tells nothing.
 */
export function countingFailureCondition(
  { after, usually, others, lanes, nearby, blockedFrom, most, period }: FailureParameters,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  own: Point,
  registry: Registry,
): Condition<FailureMemory> {
  const { points } = registry
  const laneNames = lanes?.map(name => points.get(pointIdBeside(name, own))!)
  const otherLanes = (laneNames ?? besideOf(own, undefined, [own.quantityName], points)).filter(
    point => point !== own,
  )
  const occupancies = besideOf(own, undefined, ['road-occupancy'], points)
  // Of several lanes nobody has said which one an occupancy is of.
  const occupancy = otherLanes.length === 0 && occupancies.length === 1 ? occupancies : []
  const neighbours = pointsNearby(own, registry, nearby, VEHICLES)
  const keep = Math.max(after, period)

  function failureOf({ said, usual, beyond }: FailureMemory, at: Moment): Phenomenon | 'none' | 'unknown' {
    const lately = { at, ms: after, maxAge }
    const counted = vehiclesWithin(said, own, lately)
    const now = vehiclesWithin(said, own, { at, ms: period, maxAge })
    if (now.vehicles * (HOUR_MS / period) > most) return 'counts-too-many'
    if (counted.vehicles > 0) return 'none'
    if (!counted.whole) return 'unknown'
    // Quiet as the road may be now: nothing says that it counts again.
    if (beyond > 1) return PHENOMENA[beyond - 1]!
    const isOccupied = (value: number) => value >= blockedFrom
    if (occupancy.some(point => holdsThroughout(said, point, lately, isOccupied))) return 'blocked'
    const counts = (point: Point) => vehiclesWithin(said, point, lately).vehicles >= others
    if (otherLanes.some(counts)) return 'lane-counts-none'
    const expected = usual.get(hourOfDay(at.now))
    const isMissed = expected !== undefined && (expected * after) / HOUR_MS >= usually
    if (isMissed && (neighbours.length === 0 || neighbours.some(counts))) return 'counts-none'
    return expected === undefined ? 'unknown' : 'none'
  }

  function settle(memory: FailureMemory, at: Moment): FailureMemory {
    const failure = failureOf(memory, at)
    const doubtful = failure === 'none' && memory.said.get(own.id)?.some(({ certain }) => !certain)
    const verdict = failure === 'unknown' || doubtful ? 'unknown' : PHENOMENA.indexOf(failure) + 1
    return takeSide(memory, verdict, at, at.elapsed - memory.decided.elapsed > maxAge)
  }

  function note(memory: FailureMemory, { readings }: Group): FailureMemory {
    let noted = memory
    for (const { reading, at } of readings) {
      noted = { ...noted, said: addSaid(noted.said, reading, at, keep) }
      if (reading.point === own.id) noted = learn(noted, at)
    }
    return noted
  }

  /** Adds what was counted since the reading before to the hour that goes on. */
  function learn(memory: FailureMemory, at: Moment): FailureMemory {
    const all = memory.said.get(own.id) ?? []
    const [before, newest] = [all.at(-2), all.at(-1)]
    // What was counted over a longer silence was so at no hour that is known.
    if (!before || newest?.at !== at || at.elapsed - before.at.elapsed > HOUR_MS) return memory
    const passed =
      own.quantityName === 'traffic-flow'
        ? (newest.value * Math.min(own.dueWithin, at.elapsed - before.at.elapsed)) / HOUR_MS
        : Math.max(0, newest.value - before.value)
    const number = Math.floor(at.now / HOUR_MS)
    const { hour, usual } = memory
    if (number === hour.number) return { ...memory, hour: { number, vehicles: hour.vehicles + passed } }
    const ended =
      hour.vehicles > 0 ? new Map(usual).set(hourOfDay(hour.number * HOUR_MS), hour.vehicles) : usual
    return { ...memory, hour: { number, vehicles: passed }, usual: ended }
  }

  return {
    inputs: [...new Set([...otherLanes, ...occupancy, ...neighbours])],
    span: ({ point }) =>
      point === own.id ? DAY_MS + 2 * HOUR_MS : keep + Math.max(onDelay, offDelay) + 2 * maxAge,
    begin(beginning) {
      const { at, firingSince, recent } = beginning
      let memory: FailureMemory = {
        ...firstSide(reachedBefore(PHENOMENA, beginning), firingSince, at),
        said: new Map(),
        hour: { number: 0, vehicles: 0 },
        usual: new Map(),
      }
      for (const group of groupsOf(recent, at)) memory = settle(note(memory, group), group.at)
      return memory
    },
    read: (memory, reading, at) => note(memory, { readings: [{ reading, at }], at }),
    pass: settle,
    judge({ said, known, beyond, since }) {
      const value = said.get(own.id)?.at(-1)?.value ?? null
      if (!known) return { verdict: 'unknown', since, value }
      const phenomenon = PHENOMENA[beyond - 1]
      return { verdict: phenomenon !== undefined, since, value, ...(phenomenon && { phenomenon }) }
    },
    describe({ phenomenon, since }, point, timeZone) {
      const say = (language: 'fr' | 'en') =>
        `${point.label[language]}${language === 'fr' ? ' :' : ':'} ${wordsOf(phenomenon as Phenomenon)[language]}`
      return {
        fr: `${say('fr')}, depuis le ${formatTime(since.now, timeZone, 'fr')}`,
        en: `${say('en')}, since ${formatTime(since.now, timeZone, 'en')}`,
      }
    },
  }

  function wordsOf(phenomenon: Phenomenon): Text {
    const [fr, en] = [formatLength(after, 'fr'), formatLength(after, 'en')]
    const words: Record<Phenomenon, Text> = {
      'counts-too-many': {
        fr: `plus de véhicules qu'il n'en peut passer (${most} par heure)`,
        en: `more vehicles than can pass (${most} an hour)`,
      },
      blocked: {
        fr: `aucun en ${fr} sous un capteur toujours occupé`,
        en: `none in ${en} under a detector that is always occupied`,
      },
      'lane-counts-none': {
        fr: `aucun en ${fr}, alors qu'une autre voie en compte`,
        en: `none in ${en}, while another lane counts some`,
      },
      'counts-none': {
        fr: `aucun en ${fr}, alors qu'il en passe d'habitude à cette heure`,
        en: `none in ${en}, while some usually pass at this hour`,
      },
    }
    return words[phenomenon]
  }
}

function hourOfDay(time: number): number {
  return Math.floor(time / HOUR_MS) % 24
}
