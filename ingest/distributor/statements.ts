import { basename } from 'node:path'
import { localDate } from '../../model/calendar.ts'
import type { Statement } from '../../model/statement.ts'
import { HOUR_MS } from '../../model/time.ts'
import { powerBetween, unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import { RowError } from '../times.ts'
import { type DistributorValue, type InMember, placeOf } from './read-file.ts'

/** Turns what distributors say into statements on the meters of a registry, of one file. */
export interface Conversion {
  /**
   * Undefined where no meter has the delivery point.
   * @throws RowError where the meter cannot have counted it
   */
  convert(value: DistributorValue & InMember): Statement | undefined
}

/** Digits behind the point that are kept of a mean power or an amount. */
const SCALE = 12

/**
 * A load curve is finer than the step of most meters: within a day of the territory, amounts are rounded down up to
 * each instant, so that they add up to the day, to the step. Each file of an archive is rounded as if it came alone.
 */
export function openConversion(file: string, { meters, territory }: Registry): Conversion {
  const byDelivery = new Map<string, Meter>()
  for (const meter of meters.values())
    if (meter.deliveryPoint) byDelivery.set(`${meter.fluid} ${meter.deliveryPoint}`, meter)
  const days = new Map<string, { day: string; sum: bigint }>()
  const name = basename(file)

  return {
    convert(value) {
      const meter = byDelivery.get(`${value.fluid} ${value.deliveryPoint}`)
      if (!meter) return undefined
      const { exact, per } = stepsOf(value, meter)
      let steps = exact / per
      if (value.form === 'amount') {
        const day = localDate(value.start, territory.timeZone)
        const key = `${meter.id} ${value.estimated} ${value.member ?? ''}`
        const known = days.get(key)
        const before = known?.day === day ? known.sum : 0n
        days.set(key, { day, sum: before + exact })
        steps = (before + exact) / per - before / per
      }
      if (value.form === 'index' && meter.digits !== undefined && steps >= 10 ** meter.digits)
        throw new RowError(`the index is more than the ${meter.digits} digits of ${meter.id} show`)
      return {
        meter: meter.id,
        origin: value.estimated ? 'estimate' : 'distributor',
        form: value.form,
        start: value.start,
        end: value.end,
        value: Number(steps) / meter.stepsPerUnit,
        author: value.distributor,
        source: `${name}, ${placeOf(value)}`,
      }
    },
  }
}

/** In steps of the meter, as a fraction. */
function stepsOf(value: DistributorValue, { id, unit, stepsPerUnit }: Meter): { exact: bigint; per: bigint } {
  for (const { value: told, unit: given, perHour } of value.amounts) {
    const power = powerBetween(given, unit)
    if (power === undefined) continue
    const hours = perHour ? BigInt(value.end - value.start) : BigInt(HOUR_MS)
    const shift = SCALE - told.scale + power
    if (shift < 0) throw new RowError('has more digits than a meter counts')
    const exact = told.digits * 10n ** BigInt(shift) * hours * BigInt(stepsPerUnit)
    return { exact, per: 10n ** BigInt(SCALE) * BigInt(HOUR_MS) }
  }
  const units = value.amounts.map(({ unit: given }) => unitLabel(given)).join(', ')
  throw new RowError(`is in ${units}, but the meter ${id} counts in ${unitLabel(unit)}`)
}
