import { emptyColumns, type ReadingColumns, type Value } from '../model/reading.ts'
import { registersToValue, valueToRegisters } from '../model/scale.ts'
import { HOUR_MS } from '../model/time.ts'
import { DECLARATIONS } from '../registry/driver-declaration.ts'
import { measuredPoints, type Point, type Registry } from '../registry/registry.ts'
import { loadRecordings } from './recordings.ts'
import type { Stage } from './scenarios/stage.ts'
import type { Signal } from './signals/instrument.ts'
import { createSignals } from './signals/signals.ts'

/** A transaction of the store costs about as much as 20,000 of its rows. */
const CHUNK = 100_000

/**
 * What gateways would have read of every simulated point over [from, to), ascending in time. Indexes come at
 * their own interval, measures and states at least `stepMs` (an hour) apart; all on multiples since 1970, as
 * gateways poll. The values have been through their registers, so that they join what is read from the
 * simulators later.
 */
export async function* simulateHistory(options: {
  registry: Registry
  seed: number
  /** ms UTC */
  from: number
  to: number
  stepMs?: number
  stage?: Stage
}): AsyncGenerator<ReadingColumns> {
  const { registry, seed, from, to, stepMs = HOUR_MS, stage } = options
  const signals = createSignals({ registry, seed, stage, recordings: await loadRecordings() })
  const simulated = measuredPoints(registry).filter(({ source }) => DECLARATIONS[source.driver].addressOf)
  const groups = [...Map.groupBy(simulated, point => intervalOf(point, stepMs))]
    .map(([interval, points]) => ({
      next: Math.ceil(from / interval) * interval,
      interval,
      points: points.map(point => ({ id: point.id, read: readingOf(point, signals.get(point.id)!) })),
    }))
    .sort((a, b) => a.interval - b.interval)

  let columns = emptyColumns()
  while (true) {
    const time = Math.min(...groups.map(group => group.next))
    if (!(time < to)) break
    for (const group of groups) {
      if (group.next !== time) continue
      group.next += group.interval
      for (const { id, read } of group.points) {
        const value = read(time)
        columns.points.push(id)
        columns.times.push(time)
        columns.values.push(value)
        columns.qualities.push(value === null ? 'bad:exception' : 'good')
        columns.gatewayTimes.push(time)
      }
    }
    if (columns.times.length >= CHUNK) {
      yield columns
      columns = emptyColumns()
    }
  }
  if (columns.times.length > 0) yield columns
}

function intervalOf({ quantity, interval }: Point, stepMs: number): number {
  return quantity.kind === 'index' ? interval : Math.max(interval, stepMs)
}

/** A signal as a gateway reads it; null where the value does not fit the register, and the server says so. */
function readingOf({ source }: Point, signal: Signal): (time: number) => Value {
  if (source.driver !== 'modbus') return signal
  const { modbus } = source
  return time => {
    try {
      return registersToValue(modbus, valueToRegisters(modbus, signal(time))) ?? null
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }
}
