import type { ForecastValues } from './forecast.ts'
import { formsHoar, freezes, type RoadDanger, type RoadEvidence, type RoadMargins } from './road-state.ts'
import { HOUR_MS, MINUTE_MS } from './time.ts'

/**
 * Whether ice or hoar is to be expected on a road, and when: modelled from how its surface has been cooling. Times in
 * ms, temperatures in °C.
 */

/** How far ahead the outlook looks, ms. */
export const OUTLOOK_MS = 3 * HOUR_MS
const STEP_MS = 5 * MINUTE_MS
/** The trend is that of so long, and is not told from much less, ms. */
export const COOLING_MS = HOUR_MS
const SHORTEST_COOLING_MS = 45 * MINUTE_MS
/** The time constant with which a trend dies away. Ours, by the replay of a winter; no property of any road. */
const DAMPING_MS = 2 * HOUR_MS

export interface SurfaceSample {
  /** ms, of any clock that all samples share. */
  time: number
  value: number
}

interface OutlookOptions {
  evidence: RoadEvidence
  /** The surface of the last {@link COOLING_MS}, ascending. */
  samples: readonly SurfaceSample[]
  margins: Pick<RoadMargins, 'hoar'>
  /** How long it must be cold enough for hoar, ms. */
  hoarAfter: number
  /** What a fresh forecast expects in so many ms. */
  ahead?: (after: number) => ForecastValues | undefined
}

export type ExpectedDanger = Extract<RoadDanger, 'ice' | 'hoar'>

/** What is to be expected of one road. Temperatures in °C, times in ms UTC. */
export interface RoadOutlook {
  /** The point of its surface temperature. */
  point: string
  /** `now`: the danger is there. `unknown`: what would decide is missing, faulty or old. */
  state: 'now' | Outlook['state']
  danger?: RoadDanger
  /** From when on it is expected. */
  at?: number
  /** What was measured, and the lowest that is modelled until then, or of all the time ahead. */
  surface?: number
  lowest?: number
}

interface Outlook {
  state: 'expected' | 'none' | 'unknown'
  /** Where it is expected: which danger, and in how many ms. */
  danger?: ExpectedDanger
  after?: number
  /** The lowest surface temperature until then, or of all the time ahead; absent where it cannot be told. */
  lowest?: number
}

/**
 * The outlook of a road that is in no danger yet. Where what would decide is not known, it is unknown, unless what is
 * known shows a danger. The moisture of the road and of the air is taken to stay as it is, but for dew: it wets a
 * surface that falls to the dew point while that is above freezing.
 * Where a forecast is fresh, its own change takes over from the trend, in proportion to the time ahead, and what it
 * lets fall as rain wets the road.
 */
export function roadOutlook({ evidence, samples, margins, hoarAfter, ahead }: OutlookOptions): Outlook {
  const trend = trendOf(samples)
  const { surface } = evidence
  if (trend === undefined || surface === undefined) return { state: 'unknown' }
  const present = ahead?.(0)
  let lowest = surface
  let isKnown = true
  /** Since when it is cold enough for hoar. */
  let cold = formsHoar(evidence, margins) ? 0 : undefined
  for (let after = STEP_MS; after <= OUTLOOK_MS; after += STEP_MS) {
    const expected = changeUntil(ahead?.(after), present)
    const own = surfaceAfter(surface, trend, after)
    const weight = expected.surface === undefined ? 0 : after / OUTLOOK_MS
    const then = (1 - weight) * own + weight * (surface + (expected.surface ?? 0))
    const seen = evidenceAt(then, evidence, expected)
    lowest = Math.min(lowest, then)
    const ice = freezes(seen)
    const hoar = formsHoar(seen, margins)
    cold = hoar ? (cold ?? after) : undefined
    if (ice) return { state: 'expected', danger: 'ice', after, lowest }
    if (cold !== undefined && after - cold >= hoarAfter)
      return { state: 'expected', danger: 'hoar', after, lowest }
    isKnown &&= ice !== undefined && hoar !== undefined
  }
  return { state: isKnown ? 'none' : 'unknown', lowest }
}

interface Change {
  /** K, of the surface, and of the dew point of the air. */
  surface: number | undefined
  dew: number
  rains: boolean
}

/** Colder than this, what falls is taken for snow, °C. */
const SNOW_BELOW = 1

/** What a forecast expects to change from the present on: of the surface, or else of the air above it. */
function changeUntil(then: ForecastValues = {}, present: ForecastValues = {}): Change {
  const change = (name: 'surface-temperature' | 'air-temperature' | 'dew-point') => {
    const [from, to] = [present[name], then[name]]
    return from === undefined || to === undefined ? undefined : to - from
  }
  return {
    surface: change('surface-temperature') ?? change('air-temperature'),
    dew: change('dew-point') ?? 0,
    rains: (then['precipitation-rate'] ?? 0) > 0 && (then['air-temperature'] ?? SNOW_BELOW) >= SNOW_BELOW,
  }
}

/** What will be known of the road at a surface temperature ahead. */
function evidenceAt(surface: number, now: RoadEvidence, { dew, rains }: Change): RoadEvidence {
  const shifted = (point: number | undefined) => (point === undefined ? undefined : point + dew)
  const [dewPoint, frostPoint] = [shifted(now.dewPoint), shifted(now.frostPoint)]
  const freezing = now.freezing ?? 0
  const bedewed = dewPoint === undefined ? undefined : dewPoint > freezing && surface <= dewPoint
  const moist = now.moist || bedewed || rains ? true : bedewed === undefined ? undefined : now.moist
  return { ...now, surface, dewPoint, frostPoint, moist }
}

/**
 * The trend of a surface, K per ms, by least squares. Undefined where too little of the past is known.
 */
export function trendOf(samples: readonly SurfaceSample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.time - first.time < SHORTEST_COOLING_MS) return undefined
  const mean = (of: (sample: SurfaceSample) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length
  const [time, value] = [mean(each => each.time), mean(each => each.value)]
  const across = mean(each => (each.time - time) * (each.value - value))
  return across / mean(each => (each.time - time) ** 2)
}

/**
 * A surface that goes on as it went, ever more slowly: T + s·τ·(1 − exp(−t/τ)), the damped trend of Gardner and McKenzie
 * (1985) in continuous time, and what Newton's law of cooling gives.
 * @param trend K per ms
 */
export function surfaceAfter(surface: number, trend: number, after: number): number {
  return surface + trend * DAMPING_MS * (1 - Math.exp(-after / DAMPING_MS))
}
