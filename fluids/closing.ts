import { type Interval, periodStart, periodsBetween } from '../model/calendar.ts'
import { knownMs } from '../model/consumption.ts'
import { formatDecimal, multiplyDecimals, toDecimal } from '../model/decimal.ts'
import type { ConsumptionFigure } from '../model/figure.ts'
import type { Revision, RevisionReason } from '../model/revision.ts'
import type { Meter } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import type { RevisionStore } from '../store/revisions.ts'

/** Closes months, and notes what changes in them afterwards. */
export interface Closing {
  /** Before this instant all months are closed at `now`, ms UTC. */
  closedUntil(now: number): number
  /** Closes the months of a meter that are due, and notes those that are no longer what they were told to be. */
  review(meter: Meter, reasons: readonly RevisionReason[], now: number): Promise<void>
}

export function createClosing(options: {
  figures: FigureStore
  revisions: RevisionStore
  timeZone: string
  /** How long after its end a month is closed, ms. */
  closeAfter: number
}): Closing {
  const { figures, revisions, timeZone, closeAfter } = options
  const closedUntil = (now: number) => periodStart('month', now - closeAfter, timeZone)

  return {
    closedUntil,
    async review(meter, reasons, now) {
      const time = { start: 0, end: closedUntil(now) }
      const told = new Map(revisions.latest(meter.id, time).map(revision => [revision.start, revision]))
      const found = await figures.consumption(meter.id, 'month', time.start, time.end)
      const months = new Map(found.map(figure => [figure.start, figure]))
      const first = Math.min(...told.keys(), ...months.keys())
      if (first === Infinity) return
      const news: Revision[] = []
      for (const month of periodsBetween('month', first, time.end, timeZone)) {
        const before = told.get(month.start)
        const current = tell(meter, month, months.get(month.start))
        if (before && isSame(before, current)) continue
        const number = (before?.number ?? 0) + 1
        news.push({ ...current, number, at: now, reasons: before ? reasons : ['closed'] })
      }
      if (news.length > 0) revisions.add(news)
    },
  }
}

type Told = Omit<Revision, 'number' | 'at' | 'reasons'>

function tell(
  { id, unit, resolution }: Meter,
  { start, end }: Interval,
  figure: ConsumptionFigure | undefined,
): Told {
  const amount =
    figure && multiplyDecimals({ digits: BigInt(figure.amount), scale: 0 }, toDecimal(resolution))
  return {
    ...{ meter: id, start, end, unit },
    amount: amount ? formatDecimal(amount) : null,
    knownMs: figure ? knownMs(figure, 'month') : 0,
  }
}

function isSame(a: Told, b: Told): boolean {
  return a.amount === b.amount && a.unit === b.unit && a.knownMs === b.knownMs && a.end === b.end
}
