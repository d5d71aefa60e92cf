import { type QuantityName, quantity } from '../../model/quantity.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { unitLabel } from '../../model/units.ts'
import type { Point } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import { tellsTime } from '../../registry/tells-time.ts'
import { fitsBetween, type Shown } from '../display.ts'
import { describeCause, likelyCause } from './causes.ts'
import { compareEnergy, type EnergyComparison, POWER_OF } from './energy.ts'
import { describeFault } from './faults.ts'
import { formatValue } from './format-value.ts'
import { type Observation, rangeOf } from './observe.ts'
import type { Language } from './words.ts'

export const CHECKS = ['reachable', 'plausible', 'moving', 'time', 'display', 'energy'] as const
export type CheckName = (typeof CHECKS)[number]

/** `none`: there was nothing to check it by. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'none'

export interface Check {
  verdict: Verdict
  /** Why it did not pass, and what to do; of a display that fits, what it showed. */
  words?: Text
}

export interface PointReport {
  point: Point
  last?: Observation['good'][number]
  readings: number
  checks: Record<CheckName, Check>
}

const PASS: Check = { verdict: 'pass' }
const NONE: Check = { verdict: 'none' }

/** Every point of a gateway, judged by what it said; `shown` is what displays showed meanwhile, by point id. */
export function judge(
  observations: ReadonlyMap<string, Observation>,
  shown: ReadonlyMap<string, Shown>,
): PointReport[] {
  const all = [...observations.values()]
  return all.map(observation => {
    const { point, good, bad } = observation
    return {
      point,
      last: good.at(-1),
      readings: good.length + bad,
      checks: {
        reachable: checkReachable(observation),
        plausible: checkPlausible(observation),
        moving: checkMoving(observation),
        time: checkTime(observation),
        display: checkDisplay(observation, shown.get(point.id)),
        energy: checkEnergy(observation, all),
      },
    }
  })
}

function checkReachable({ good, bad, fault, point }: Observation): Check {
  if (good.length === 0 && bad === 0)
    return { verdict: 'fail', words: { fr: 'rien reçu', en: 'nothing was received' } }
  // Whoever says what is impossible was reached.
  if (bad === 0 || fault === 'bad:out-of-range') return PASS
  const words = describeFault(fault!, point)
  if (good.length === 0) return { verdict: 'fail', words }
  const share = `${bad}/${good.length + bad}`
  return {
    verdict: 'warn',
    words: { fr: `${share} lectures en défaut : ${words.fr}`, en: `${share} readings failed: ${words.en}` },
  }
}

/** What is believable in France, in the only unit of the quantity; the registry's own limits come first. */
const BELIEVABLE: Partial<Record<QuantityName, [number, number]>> = {
  'outdoor-temperature': [-35, 50],
  'indoor-temperature': [-10, 50],
  'air-temperature': [-35, 50],
  'surface-temperature': [-40, 75],
  'dew-point': [-45, 35],
  'relative-humidity': [0, 100],
  'precipitation-rate': [0, 300],
  'wind-speed': [0, 75],
  'wind-gust': [0, 75],
  'mean-speed': [0, 250],
  'road-occupancy': [0, 100],
}

function checkPlausible(observation: Observation): Check {
  const { point, fault } = observation
  if (fault === 'bad:out-of-range') {
    const { min = -Infinity, max = Infinity } = point
    const limits = bothLimits(min, max, point)
    return {
      verdict: 'fail',
      words: { fr: `hors des limites ${limits.fr}`, en: `outside of the limits ${limits.en}` },
    }
  }
  const range = rangeOf(observation)
  const [least, most] = BELIEVABLE[point.quantityName] ?? [-Infinity, Infinity]
  if (!range) return observation.good.length > 0 ? PASS : NONE
  if (range.least >= least && range.most <= most) return PASS
  const limits = bothLimits(least, most, point)
  return {
    verdict: 'fail',
    words: { fr: `invraisemblable, attendu ${limits.fr}`, en: `not believable, expected ${limits.en}` },
  }
}

function bothLimits(least: number, most: number, { unit }: Point): Text {
  const inWords = (language: Language) =>
    `${formatValue(least, language)} … ${formatValue(most, language)} ${unitLabel(unit)}`
  return { fr: inWords('fr'), en: inWords('en') }
}

function checkMoving({ point, good }: Observation): Check {
  if (point.quantity.kind === 'state' || good.length < 2) return NONE
  const falls = good.some(({ value }, i) => i > 0 && value < good[i - 1]!.value)
  if (point.quantity.kind === 'index' && falls)
    return {
      verdict: 'fail',
      words: {
        fr: "l'index diminue : mauvais registre, ou ordre des mots ou des octets",
        en: 'the index falls: a wrong register, or a wrong order of words or bytes',
      },
    }
  if (new Set(good.map(({ value }) => value)).size > 1) return PASS
  return {
    verdict: 'warn',
    words: {
      fr: "n'a pas bougé pendant l'observation : rien à compter, ou registre figé",
      en: 'did not move while it was observed: nothing to count, or a register that stands still',
    },
  }
}

/** Between local time in France and UTC, and how far a source's time may be from its arrival. */
const ZONE_HOURS = [1, 2]
const NEAR_MS = 6 * MINUTE_MS

function checkTime({ point, good, skewMs }: Observation): Check {
  if (good.length === 0 || !tellsTime(point)) return NONE
  if (skewMs === undefined) return PASS
  const off = Math.abs(skewMs)
  const minutes = Math.round(off / MINUTE_MS)
  const isZone = ZONE_HOURS.some(hours => Math.abs(off - hours * HOUR_MS) < NEAR_MS)
  const look = isZone
    ? {
        fr: "heure locale prise pour l'UTC, ou l'inverse (timeZone) ?",
        en: 'local time taken for UTC, or UTC for it (timeZone)?',
      }
    : { fr: "la mettre à l'heure (NTP)", en: 'set it (NTP)' }
  return {
    verdict: 'fail',
    words: {
      fr: `l'horloge de l'équipement ${skewMs > 0 ? 'avance' : 'retarde'} de ${minutes} min : ${look.fr}`,
      en: `the clock of the device is ${minutes} min ${skewMs > 0 ? 'ahead' : 'behind'}: ${look.en}`,
    },
  }
}

function checkDisplay(observation: Observation, shown: Shown | undefined): Check {
  const range = rangeOf(observation)
  if (!shown) return NONE
  if (!range)
    return {
      verdict: 'fail',
      words: {
        fr: `affiché ${formatValue(shown.value, 'fr')}, aucune valeur lue`,
        en: `${shown.value} is shown, no value was read`,
      },
    }
  // Who signs the report signs what was read off the display, too.
  if (fitsBetween(range.least, range.most, shown))
    return {
      verdict: 'pass',
      words: { fr: `affiché ${formatValue(shown.value, 'fr')}`, en: `${shown.value} is shown` },
    }
  const { value } = observation.good.at(-1)!
  const cause = likelyCause((value as number) / shown.value, tolerance(shown.resolution, shown.value))
  const likely = cause
    ? describeCause(cause)
    : { fr: 'autre registre, ordre ou type', en: 'another register, order or type' }
  return {
    verdict: 'fail',
    words: {
      fr: `lu ${formatValue(value, 'fr')}, affiché ${formatValue(shown.value, 'fr')} : ${likely.fr}`,
      en: `${value} was read, ${shown.value} is shown: ${likely.en}`,
    },
  }
}

/** Of a ratio, where one side is known to a step: a little more, since meters move meanwhile. */
function tolerance(step: number, value: number): number {
  return Math.min(0.2, 0.01 + step / Math.abs(value))
}

/** Rises smaller than so many steps of the index say too little. */
const STEPS_TO_TELL = 5
const ENERGY_TOLERANCE = 0.1

function checkEnergy(observation: Observation, all: readonly Observation[]): Check {
  const { point } = observation
  const power = POWER_OF[point.quantityName]
  if (!power) return NONE
  const ofDevice = (name: QuantityName) =>
    all.filter(
      ({ point: other }) =>
        other.site === point.site && other.device === point.device && other.quantityName === name,
    )
  const [powers, indexes] = [ofDevice(power), ofDevice(point.quantityName)]
  if (powers.length !== 1 || indexes.length !== 1) return NONE
  const compared = compareEnergy(observation, powers[0]!)
  return compared ? judgeEnergy(compared, powers[0]!.point) : NONE
}

function judgeEnergy({ rise, integral, step }: EnergyComparison, power: Point): Check {
  const label = quantity(power.quantityName).label
  const seen = {
    fr: `l'index a augmenté de ${formatValue(kilo(rise), 'fr')} kWh, « ${label.fr} » en donne ${formatValue(kilo(integral), 'fr')} kWh`,
    en: `the index rose by ${kilo(rise)} kWh, "${label.en}" makes it ${kilo(integral)} kWh`,
  }
  const off = Math.abs(rise - integral)
  if (off <= Math.abs(integral) * ENERGY_TOLERANCE && rise !== 0) return PASS
  if (rise < STEPS_TO_TELL * step || rise === 0) {
    return {
      verdict: 'none',
      words: {
        fr: `${seen.fr} : trop peu pour comparer, observer plus longtemps`,
        en: `${seen.en}: too little to compare, observe for longer`,
      },
    }
  }
  const cause = likelyCause(rise / integral, ENERGY_TOLERANCE + step / rise)
  const likely = cause && describeCause(cause)
  return {
    verdict: 'fail',
    words: {
      fr: `${seen.fr}${likely ? ` ; index : ${likely.fr}` : ''}`,
      en: `${seen.en}${likely ? `; the index: ${likely.en}` : ''}`,
    },
  }
}

function kilo(value: number): number {
  return Number(value.toPrecision(4))
}
