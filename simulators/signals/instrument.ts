import type { QuantityName } from '../../model/quantity.ts'
import { rawToValue } from '../../model/scale.ts'
import type { Unit } from '../../model/units.ts'
import type { Meter, Point } from '../../registry/registry.ts'
import { type Load, yearOfService } from './load.ts'
import { between } from './random.ts'
import type { Course } from './weather.ts'

/** The value of a point at an instant (ms UTC), in the point's unit. Pure: whenever it is asked, it is the same. */
export type Signal = (time: number) => number | boolean | string

/** From the kWh, m³, vehicles, … of a model to the unit of the point. */
const PER_UNIT: Partial<Record<Unit, number>> = { 'MW.h': 0.001, 'W.h': 1000, L: 1000, W: 1000 }

/** kWh (PCS) in a cubic metre of gas. */
const GAS_HEAT = 11.2

/** Counts whole steps from where the meter stood when it was installed, and rolls over at its last digit. */
export function showIndex(point: Point, load: Load, seed: number, meter?: Meter): Signal {
  const gas = point.quantityName === 'gas-index' && point.unit === 'm3' ? 1 / GAS_HEAT : 1
  const perUnit = (PER_UNIT[point.unit] ?? 1) * gas
  const resolution = stepOf(point, meter)
  const stepsPerAmount = perUnit / resolution
  const capacity = meter?.digits ? 10 ** meter.digits : Number.MAX_SAFE_INTEGER
  const before = between(seed, 41, 0.5, 4) * yearOfService(load) * stepsPerAmount
  const first = Math.floor(Math.min(before, 0.3 * capacity))
  return time => {
    const steps = (first + Math.floor(load.total(time) * stepsPerAmount)) % capacity
    return rawToValue(steps, resolution, 0)
  }
}

/**
 * What the last digit of a counter is worth, in the unit of its point: of its meter, or else of its register; a thousandth
 * where that is no whole number. Things are counted whole.
 */
export function stepOf({ source, unit }: Point, meter?: Meter): number {
  if (meter) return meter.resolution
  if (unit === '1') return 1
  if (source.driver !== 'modbus' || source.modbus.type.startsWith('float')) return 0.001
  return Math.abs(source.modbus.scale)
}

/** Decimals that a sensor of a quantity tells apart, in the first unit of the quantity. */
const DECIMALS: Partial<Record<QuantityName, number>> = {
  'active-power': 3,
  'thermal-power': 3,
  'flow-rate': 3,
  'relative-humidity': 1,
  'precipitation-rate': 2,
  'wind-speed': 1,
  'wind-gust': 1,
  'mean-speed': 1,
  'traffic-flow': 0,
  'road-occupancy': 1,
}

/** Rounds as a sensor does, and saturates where the registry says that its range ends. */
export function showMeasure(point: Point, course: Course): Signal {
  const perUnit = PER_UNIT[point.unit] ?? 1
  const steps = 10 ** (DECIMALS[point.quantityName] ?? 2)
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = point
  return time => Math.min(max, Math.max(min, Math.round(course(time) * perUnit * steps) / steps))
}

/** The first state that the point has while nobody is there, and the last one while somebody is. */
export function showMode({ source }: Point, occupied: (time: number) => boolean): Signal {
  const states = source.driver === 'modbus' ? source.modbus.states : undefined
  const texts = Object.values(states ?? { 0: 'off', 1: 'on' })
  return time => texts.at(occupied(time) ? -1 : 0)!
}

/** The device's id, as far as there is room for it. */
export function showIdentification({ device, source }: Point): Signal {
  const registers = source.driver === 'modbus' ? source.modbus.length : undefined
  const text = registers ? device.slice(0, 2 * registers) : device
  return () => text
}
