import { type Interval, localDate, periodsBetween } from '../../model/calendar.ts'
import { meterCount } from '../../model/consumption.ts'
import { addDecimals, type Decimal } from '../../model/decimal.ts'
import type { Meter } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'

/** What a meter of a zone counted in a period. */
export interface ZoneUse extends Interval {
  /** Exact, in the unit that a site's consumption is told in; undefined where a part of it is not known. */
  amount: Decimal | undefined
  /** The share that is known for itself, 0 to 1. */
  coverage: number
}

/** By hour, or by month as the sum of its days: a coefficient of gas may change at any midnight. */
export async function zoneUse(
  figures: FigureStore,
  meter: Meter,
  by: 'hour' | 'month',
  { start, end }: Interval,
  timeZone: string,
): Promise<ZoneUse[]> {
  const part = by === 'hour' ? 'hour' : 'day'
  const found = await figures.consumption(meter.id, part, start, end)
  const count = meterCount({ meter, figures: found }, timeZone, by)
  return periodsBetween(by, start, end, timeZone).map(period => {
    const within = by === part ? [period] : periodsBetween(part, period.start, period.end, timeZone)
    const parts = within.map(({ start }) => count(start))
    const known = parts.filter(part => part !== undefined)
    const knownMs = known.reduce((sum, part) => sum + part.knownMs, 0)
    return {
      ...period,
      amount:
        known.length === parts.length
          ? known.map(({ amount }) => amount).reduce((sum, amount) => addDecimals(sum, amount))
          : undefined,
      coverage: knownMs / (period.end - period.start),
    }
  })
}

/** ISO, `2026-11`. */
export function monthOf(time: number, timeZone: string): string {
  return localDate(time, timeZone).slice(0, 7)
}
