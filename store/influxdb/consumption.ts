import { knownMs } from '../../model/consumption.ts'
import type { FigureStore } from '../figures.ts'
import type { InfluxdbOptions } from './connection.ts'
import { createConnection } from './connection.ts'
import { tagValue } from './line-protocol.ts'

export interface ConsumptionCopyOptions extends InfluxdbOptions {
  figures: FigureStore
  /** How many steps of its resolution make one unit of a meter; 1 for a meter that is not known. */
  stepsPerUnit(meter: string): number
}

/**
 * The figure store, which also copies hourly consumption to InfluxDB, for Grafana: measurement `consumption`
 * (tag `meter`; fields `amount` in the meter's unit, `coverage` 0 to 1), stamped with the start of the hour.
 * The copy is written first, so that figures that are kept are always copied: whoever fails is called again.
 */
export function copyConsumption(options: ConsumptionCopyOptions): FigureStore {
  const { figures, stepsPerUnit } = options
  const connection = createConnection(options)
  return {
    ...figures,
    async replace(meter, period, from, to, replacement, exclusions) {
      if (period === 'hour') {
        const kept = new Set(replacement.map(figure => figure.start))
        const before = await figures.consumption(meter, period, from, to)
        // InfluxDB cannot replace a range: an hour that no longer has a figure loses its fields.
        if (before.some(figure => !kept.has(figure.start)))
          await connection.erase('consumption', { meter }, { start: from, end: to })
        const steps = stepsPerUnit(meter)
        const lines = replacement.map(figure => {
          const { start, end, amount } = figure
          const coverage = knownMs(figure, 'hour') / (end - start)
          return `consumption,meter=${tagValue(meter)} amount=${amount / steps},coverage=${coverage} ${start}`
        })
        await connection.write(lines)
      }
      await figures.replace(meter, period, from, to, replacement, exclusions)
    },
    async close() {
      connection.close()
      await figures.close()
    },
  }
}
