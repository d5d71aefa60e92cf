import { COUNTER_PARTS } from '../../registry/conditions/congestion.ts'
import { besideOf } from '../../registry/conditions/counter.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Moment } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { type Group, groupsOf } from './heard.ts'
import { countBeyond, isBeyond } from './limits.ts'
import { addSaid, meanOf, type SaidByPoint, saidWithin, vehiclesWithin } from './said.ts'
import { firstSide, reachedBefore, type Side, takeSide } from './side.ts'

type CongestionParameters = Extract<Rule['condition'], { type: 'congestion' }>

interface CongestionMemory extends Side<number> {
  said: SaidByPoint
  /** Since when it is a congestion of any grade. */
  danger: Moment
}

/** From the lesser one on. */
const PHENOMENA = ['congestion', 'standstill'] as const
const LABELS: Record<(typeof PHENOMENA)[number], Text> = {
  congestion: { fr: 'Congestion', en: 'Congestion' },
  standstill: { fr: "Trafic à l'arrêt", en: 'Traffic stands still' },
}

/**
 * Whether many vehicles are slow, by what a counter says in a period: their speed, or where none is known how much of the
 * time they stand on it. A few slow vehicles are no congestion, and end one where the counter is known to be free. Doubt
 * keeps an alarm: what is uncertain or not heard of eases nothing.
 */
export function congestionCondition(
  condition: CongestionParameters,
  { maxAge, onDelay, offDelay, severity }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay' | 'severity'>,
  own: Point,
  { points }: Registry,
): Condition<CongestionMemory> {
  const { period, leastVehicles, speedHysteresis, occupancyAbove, occupancyHysteresis } = condition
  const partOf = (part: keyof typeof COUNTER_PARTS): Point | undefined =>
    (COUNTER_PARTS[part] as readonly string[]).includes(own.quantityName)
      ? own
      : besideOf(own, condition[part], COUNTER_PARTS[part], points)[0]
  const vehicles = partOf('vehicles')!
  const [speed, occupancy] = [partOf('speed'), partOf('occupancy')]
  const inputs = [vehicles, speed, occupancy].filter(point => point !== undefined && point !== own) as Point[]
  const slow = [condition.speedBelow, condition.standstillBelow].map(below => ({
    below,
    hysteresis: speedHysteresis,
  }))

  function gradeOf(said: SaidByPoint, before: number, at: Moment): number | 'unknown' {
    const span = { at, ms: period, maxAge }
    const counted = vehiclesWithin(said, vehicles, span)
    // Where nobody has passed, counters give no speed, or 0.
    const meanSpeed = speed && meanOf(saidWithin(said, speed, span).filter(({ value }) => value > 0))
    const meanOccupancy = occupancy && meanOf(saidWithin(said, occupancy, span))
    const isCrowded =
      meanOccupancy !== undefined &&
      isBeyond({ above: occupancyAbove, hysteresis: occupancyHysteresis }, meanOccupancy, before > 0)
    if (counted.vehicles >= leastVehicles) {
      if (meanSpeed !== undefined) return countBeyond(slow, meanSpeed, before)
      return meanOccupancy === undefined ? 'unknown' : Number(isCrowded)
    }
    if (!counted.whole) return 'unknown'
    if (before === 0) return 0
    // Few pass where the road is free again, and where all stand still.
    if (meanOccupancy !== undefined) return isCrowded ? PHENOMENA.length : 0
    return counted.vehicles === 0 ? 'unknown' : 0
  }

  function settle(memory: CongestionMemory, at: Moment): CongestionMemory {
    const { said, beyond, decided } = memory
    const grade = gradeOf(said, beyond, at)
    const doubtful = [...said.values()].some(all => all.some(({ certain }) => !certain))
    const told = doubtful && grade !== 'unknown' && (grade === 0 || grade < beyond) ? 'unknown' : grade
    const lost = at.elapsed - decided.elapsed > maxAge
    const taken = takeSide(memory, told, at, lost)
    if (taken === memory || !taken.known) return taken
    return { ...taken, danger: beyond > 0 && !lost ? memory.danger : taken.since }
  }

  const note = (memory: CongestionMemory, { readings }: Group): CongestionMemory => ({
    ...memory,
    said: readings.reduce((said, { reading, at }) => addSaid(said, reading, at, period), memory.said),
  })

  return {
    inputs,
    span: () => Math.max(onDelay, offDelay) + period + 2 * maxAge,
    begin(beginning) {
      const { at, firingSince, recent } = beginning
      const side = firstSide(reachedBefore(PHENOMENA, beginning), firingSince, at)
      let memory: CongestionMemory = { ...side, danger: side.since, said: new Map() }
      for (const group of groupsOf(recent, at)) memory = settle(note(memory, group), group.at)
      return memory
    },
    read: (memory, reading, at) => note(memory, { readings: [{ reading, at }], at }),
    pass: settle,
    judge({ said, known, beyond, since, danger }) {
      const value = said.get(own.id)?.at(-1)?.value ?? null
      if (!known) return { verdict: 'unknown', since, value }
      if (beyond === 0) return { verdict: false, since, value }
      return { verdict: true, since, danger, value, severity, phenomenon: PHENOMENA[beyond - 1]! }
    },
    describe({ phenomenon, value, since }, point, timeZone) {
      const label = LABELS[phenomenon as (typeof PHENOMENA)[number]]
      const say = (language: 'fr' | 'en') =>
        `${label[language]}, ${point.label[language]} ${formatValue(value, point.unit, language)}`
      return {
        fr: `${say('fr')}, depuis le ${formatTime(since.now, timeZone, 'fr')}`,
        en: `${say('en')}, since ${formatTime(since.now, timeZone, 'en')}`,
      }
    },
  }
}
