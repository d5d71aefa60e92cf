import type { Meter, Registry } from '../../registry/registry.ts'
import { building, meter, registry } from '../../test/fluids/territory.ts'

export const TIME_ZONE = 'Europe/Paris'
export const INTERVAL_MS = 600_000
/** Seven digits and one decimal, of the meters that roll over. */
export const DIGITS = 8

/** How many meters, and how many civil days of history lie before the day that comes afterwards. */
export interface Size {
  meters: number
  days: number
}

/** What a process of a side is started with. */
export interface SideSettings {
  size: Size
  folder: string
}

/** How long a side took, s, and the most memory that it held, MB. */
export interface SideOutcome {
  full: number
  increment: number
  megabytes: number
}

/** What is the matter with a meter: one in ten each; the rest are sound. */
export function troubleOf(number: number): 'gap' | 'zero' | 'rollover' | 'reset' | 'bad' | undefined {
  return ([undefined, 'gap', 'zero', 'rollover', 'reset', 'bad'] as const)[number % 10]
}

/** Meters of electricity in kWh with one decimal, read every ten minutes. */
export function territoryOf({ meters }: Size): Registry {
  const all = Array.from({ length: meters }, (_, number): Meter => {
    const digits = troubleOf(number) === 'rollover' ? { digits: DIGITS } : {}
    return meter(`meter-${number}`, 'site', { interval: INTERVAL_MS, ...digits })
  })
  return registry([building('site')], all, TIME_ZONE)
}
