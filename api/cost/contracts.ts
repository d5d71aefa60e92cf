import type { Contract } from '../../energy/cost.ts'
import { intervalOfDates } from '../../model/calendar.ts'
import { allocationsOf } from '../../model/consumption.ts'
import { addDecimals, type Decimal, toDecimal } from '../../model/decimal.ts'
import type { Meter, Registry } from '../../registry/registry.ts'

/** When each tariff holds for a meter: on the dates of the reference that are the tariff's own, too. */
export function contractsOf(meter: Meter, { tariffs, territory }: Registry): Contract[] {
  return (meter.tariffs ?? []).map(reference => {
    const tariff = tariffs.get(reference.tariff)!
    const [own, asked] = [tariff, reference].map(dates => intervalOfDates(dates, territory.timeZone))
    return { tariff, start: Math.max(own!.start, asked!.start), end: Math.min(own!.end, asked!.end) }
  })
}

/** The part of a meter that counts for a site, by the start of a day. */
export function shareOf(meter: Meter, site: string, timeZone: string): (start: number) => Decimal {
  const shares = allocationsOf(meter)
    .filter(allocation => allocation.site === site)
    .map(allocation => ({
      share: toDecimal(allocation.share),
      ...intervalOfDates(allocation, timeZone),
    }))
  return time =>
    shares
      .filter(({ start, end }) => start <= time && time < end)
      .map(({ share }) => share)
      .reduce(addDecimals, toDecimal(0))
}
