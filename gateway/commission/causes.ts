import type { Text } from '../../registry/schema.ts'
import { formatValue } from './format-value.ts'

/** Why a value may be a multiple of what it should be. */
export interface Cause {
  /** It has the wrong sign. */
  isReversed: boolean
  /** What it is divided by to be right: 10 where it is ten times too large. */
  factor: number
  kind: 'sign' | 'scale' | 'transformer' | 'joule'
}

const POWERS = [3, 6, 1, 2, 4, 5]
/** Primaries of current transformers in A; the secondary is 5 A or 1 A. */
const PRIMARIES = [
  40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1200, 1250, 1500,
]
const SECONDARIES = [5, 1]
/** MJ in a kWh. */
const JOULE = 3.6

const CANDIDATES: readonly Pick<Cause, 'factor' | 'kind'>[] = [
  { factor: 1, kind: 'sign' as const },
  ...POWERS.map(power => ({ factor: 10 ** power, kind: 'scale' as const })),
  ...SECONDARIES.flatMap(secondary =>
    PRIMARIES.map(primary => ({ factor: primary / secondary, kind: 'transformer' as const })),
  ),
  { factor: JOULE, kind: 'joule' as const },
].flatMap(({ factor, kind }) => [
  { factor, kind },
  { factor: 1 / factor, kind },
])

/**
 * The likeliest cause of a value that is `ratio` times what it should be, known to the relative `tolerance`; undefined
 * when there is none, or the value is right. A power of ten is likelier than a transformer.
 */
export function likelyCause(ratio: number, tolerance: number): Cause | undefined {
  const size = Math.abs(ratio)
  const isReversed = ratio < 0
  const off = (factor: number) => Math.abs(Math.log(size / factor))
  const near = CANDIDATES.filter(({ factor }) => off(factor) <= Math.log1p(tolerance))
  const order = ['sign', 'scale', 'joule', 'transformer']
  const [best] = near.sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || off(a.factor) - off(b.factor),
  )
  return best && (isReversed || best.kind !== 'sign') ? { isReversed, ...best } : undefined
}

/** The cause in words that say what to look at. */
export function describeCause({ isReversed, factor, kind }: Cause): Text {
  const isTooLarge = factor >= 1
  const times = Number((isTooLarge ? factor : 1 / factor).toPrecision(4))
  const sign = isReversed
    ? {
        fr: 'le signe est inversé (sens des transformateurs de courant, ou du compteur)',
        en: 'the sign is reversed (direction of the current transformers, or of the meter)',
      }
    : undefined
  if (kind === 'sign') return sign!
  const size = {
    fr: `${formatValue(times, 'fr')} fois trop ${isTooLarge ? 'grand' : 'petit'}`,
    en: `${times} times too ${isTooLarge ? 'large' : 'small'}`,
  }
  const look = LOOK[kind](times)
  return {
    fr: `${size.fr} : ${look.fr}${sign ? ` ; ${sign.fr}` : ''}`,
    en: `${size.en}: ${look.en}${sign ? `; ${sign.en}` : ''}`,
  }
}

const LOOK: Readonly<Record<Exclude<Cause['kind'], 'sign'>, (times: number) => Text>> = {
  scale: () => ({
    fr: "vérifier l'échelle (scale) et l'unité du point",
    en: 'check the scale and the unit of the point',
  }),
  joule: () => ({ fr: 'MJ pris pour des kWh, ou l’inverse', en: 'MJ taken for kWh, or the other way round' }),
  transformer: times => ({
    fr: `rapport de transformation probable (${times * 5}/5 ou ${times}/1), absent ou compté deux fois`,
    en: `most likely the ratio of the current transformers (${times * 5}/5 or ${times}/1), left out or counted twice`,
  }),
}
