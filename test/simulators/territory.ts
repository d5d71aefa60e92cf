import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import type { Clock } from '../../model/clock.ts'
import { loadRegistry } from '../../registry/load.ts'
import { loadRecordings } from '../../simulators/recordings.ts'
import { createSignals } from '../../simulators/signals/signals.ts'

export const SEED = 7
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const registry = await loadRegistry(fileURLToPath(new URL('territory.yaml', import.meta.url)))
export const recordings = await loadRecordings()
export const log = pino({ level: 'silent' })

export const signals = createSignals({ registry, seed: SEED, recordings })

/** The number that a point shows at an instant. */
export function show(point: string, time: number): number {
  const value = signals.get(point)!(time)
  if (typeof value !== 'number') throw new Error(`${point} is no number`)
  return value
}

/** A clock that stands still. */
export function stoppedAt(time: number): Clock {
  return { now: () => time, elapsed: () => 0 }
}
