import type { QuantityName } from '../../model/quantity.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Unit } from '../../model/units.ts'
import type { Observation } from './observe.ts'

/** Which power a meter's index is the sum of. */
export const POWER_OF: Partial<Record<QuantityName, QuantityName>> = {
  'electricity-index': 'active-power',
  'heat-index': 'thermal-power',
}

const IN_KILO: Partial<Record<Unit, number>> = { 'W.h': 0.001, 'kW.h': 1, 'MW.h': 1000, W: 0.001, kW: 1 }

export interface EnergyComparison {
  /** By which the index rose, and the integral of the power over the same time, kWh. */
  rise: number
  integral: number
  /** The step in which the index was seen to move, kWh; nothing finer can be told. */
  step: number
}

/** Compares the rise of an index with the integral of a power; undefined where too little was heard of either. */
export function compareEnergy(index: Observation, power: Observation): EnergyComparison | undefined {
  const indexes = numbersOf(index)
  const [first, last] = [indexes[0], indexes.at(-1)]
  if (!first || !last || last.time <= first.time) return undefined
  const integral = integrate(numbersOf(power), first.time, last.time)
  if (integral === undefined) return undefined
  const steps = indexes.slice(1).flatMap(({ value }, i) => {
    const step = Math.abs(value - indexes[i]!.value)
    return step > 0 ? step : []
  })
  const step = steps.length > 0 ? Math.min(...steps) : 0
  return { rise: last.value - first.value, integral, step }
}

function numbersOf({ point, good }: Observation): { time: number; value: number }[] {
  const factor = IN_KILO[point.unit] ?? 1
  return good.flatMap(({ time, value }) => (typeof value === 'number' ? { time, value: value * factor } : []))
}

/** kWh by the trapezoids of kW between two times; what lies outside the first and last power is held. */
function integrate(
  powers: readonly { time: number; value: number }[],
  from: number,
  to: number,
): number | undefined {
  if (powers.length < 2) return undefined
  const at = (time: number): number => {
    const next = powers.findIndex(power => power.time >= time)
    if (next === 0) return powers[0]!.value
    if (next < 0) return powers.at(-1)!.value
    const [a, b] = [powers[next - 1]!, powers[next]!]
    return a.value + ((b.value - a.value) * (time - a.time)) / (b.time - a.time)
  }
  const times = [from, ...powers.map(({ time }) => time).filter(time => time > from && time < to), to]
  return times
    .slice(1)
    .reduce((sum, time, i) => sum + (((at(times[i]!) + at(time)) / 2) * (time - times[i]!)) / HOUR_MS, 0)
}
