import { periodsBetween } from '../model/calendar.ts'
import { type ConsumptionFigure, sumFigures } from '../model/figure.ts'
import { isRead, type Meter } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import { computeInPieces, type FluidStores } from './recompute.ts'

/** Figures that are computed from the readings whenever they are asked for, as if there were no others. */
export interface ComputedFigures extends Pick<FigureStore, 'consumption'> {
  /**
   * Before this, ms UTC, readings of a meter that was asked for are not stored any more: its kept figures stand in for
   * them. 0 where all are.
   */
  readonly deletedBefore: number
}

export function computeFigures(stores: FluidStores, meters: ReadonlyMap<string, Meter>): ComputedFigures {
  const { readings, figures, statements, timeZone } = stores
  let deletedBefore = 0

  async function hoursOf(meter: Meter): Promise<ConsumptionFigure[]> {
    const [series] = isRead(meter) ? await readings.series([meter.point.id]) : []
    const stated = statements.extent(meter.id)
    const starts = [series?.first, stated?.start].filter(time => time !== undefined)
    const ends = [series?.last, stated?.end].filter(time => time !== undefined)
    const change = { start: Math.min(...starts), end: Math.max(...ends) }
    const computed: ConsumptionFigure[] = []
    if (starts.length > 0)
      for await (const { hours, figures } of computeInPieces(stores, meter, change)) {
        // Neighbouring pieces may share an hour: the later one has seen all of it.
        while (computed.length > 0 && computed.at(-1)!.start >= hours.start) computed.pop()
        computed.push(...figures)
      }
    const deleted = meter.point && (await readings.deleted?.(meter.point.id))
    const before = deleted?.reduce((latest, each) => Math.max(latest, each.before), 0) ?? 0
    if (before === 0) return computed
    deletedBefore = Math.max(deletedBefore, before)
    const kept = await figures.consumption(meter.id, 'hour', 0, before)
    return [...kept, ...computed.filter(({ start }) => start >= before)]
  }

  return {
    get deletedBefore() {
      return deletedBefore
    },
    async consumption(id, period, from, to) {
      const hours = await hoursOf(meters.get(id)!)
      const [first, last] = [hours[0], hours.at(-1)]
      if (!first || !last) return []
      const all =
        period === 'hour' ? hours : sumFigures(hours, periodsBetween(period, first.start, last.end, timeZone))
      return all.filter(({ start }) => start >= from && start < to)
    },
  }
}
