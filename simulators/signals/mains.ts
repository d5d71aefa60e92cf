import { HOUR_MS } from '../../model/time.ts'
import type { Load } from './load.ts'
import { seedOf, smoothNoise } from './random.ts'
import type { Course } from './weather.ts'

/** Of motors and lamps together. */
const POWER_FACTOR = 0.95
const REACTIVE_SHARE = Math.sqrt(1 - POWER_FACTOR ** 2) / POWER_FACTOR
const PHASES = 3
const KILOVOLTS = 0.23
/** What a roof gives back of what the building draws. */
const EXPORTED_SHARE = 0.08

/** What a meter of electricity shows besides its index and its power, for a three-phase load in kWh. */
export interface Mains {
  /** V */
  voltage: Course
  /** A, of each phase */
  current: Course
  /** Hz */
  frequency: Course
  powerFactor: Course
  /** kVA */
  apparentPower: Course
  /** kvar */
  reactivePower: Course
  /** kvarh */
  reactive: Load
  /** kWh */
  exported: Load
}

export function mains({ total, rate }: Load, seed: number): Mains {
  const share = (factor: number): Load => ({
    total: time => factor * total(time),
    rate: time => factor * rate(time),
  })
  const around = (mean: number, spread: number, name: string): Course => {
    const own = seedOf(seed, name)
    return time => mean + spread * smoothNoise(own, (12 * time) / HOUR_MS)
  }
  const apparentPower: Course = time => rate(time) / POWER_FACTOR
  return {
    voltage: around(230, 4, 'voltage'),
    current: time => apparentPower(time) / (PHASES * KILOVOLTS),
    frequency: around(50, 0.03, 'frequency'),
    powerFactor: () => POWER_FACTOR,
    apparentPower,
    reactivePower: share(REACTIVE_SHARE).rate,
    reactive: share(REACTIVE_SHARE),
    exported: share(EXPORTED_SHARE),
  }
}
