import type { Interval } from '../model/calendar.ts'
import { type CivilTimes, openCivilTimes } from '../model/civil-times.ts'
import {
  addDecimals,
  type Decimal,
  multiplyDecimals,
  subtractDecimals,
  toDecimal,
  toNumber,
} from '../model/decimal.ts'
import { civilHour } from './cost.ts'

/** Reactive beside active energy over the hours of a period that count and in which both are known. */
export interface ReactiveBalance {
  /** kWh and kvarh, exact; undefined where no such hour is known. */
  active: Decimal | undefined
  reactive: Decimal | undefined
  /** kvarh for each kWh; undefined where no active energy was taken. */
  tanPhi: number | undefined
  /** kvarh beyond what is free, exact; at least 0. */
  excess: Decimal | undefined
  /** How long both are known, and how long counts in all, ms. */
  knownMs: number
  countingMs: number
}

/** What a meter counted in the hour that starts at an instant; undefined where it is not known for itself. */
export type CountOfHour = (start: number) => Decimal | undefined

/**
 * Tan phi of a period and what lies beyond the limit. The network tariff for HTA and for BT above 36 kVA leaves
 * reactive energy free up to a share of the active energy of the hours in which it counts; which these are, the
 * contract says.
 *
 * @param hours of the period; one is of a time class when it begins in it
 * @param active kWh
 * @param reactive kvarh
 */
export function balanceReactive(
  hours: readonly Interval[],
  { limit, ...when }: CivilTimes & { limit: number },
  { active, reactive }: { active: CountOfHour; reactive: CountOfHour },
  timeZone: string,
): ReactiveBalance {
  const fits = openCivilTimes(when)
  const sums: { active: Decimal; reactive: Decimal } = { active: toDecimal(0), reactive: toDecimal(0) }
  let [knownMs, countingMs] = [0, 0]
  for (const hour of hours) {
    const { month, weekday, minute } = civilHour(hour, timeZone)
    if (!fits(month, weekday, minute)) continue
    countingMs += hour.end - hour.start
    const [used, exchanged] = [active(hour.start), reactive(hour.start)]
    if (!used || !exchanged) continue
    knownMs += hour.end - hour.start
    sums.active = addDecimals(sums.active, used)
    sums.reactive = addDecimals(sums.reactive, exchanged)
  }
  if (knownMs === 0)
    return {
      active: undefined,
      reactive: undefined,
      tanPhi: undefined,
      excess: undefined,
      knownMs,
      countingMs,
    }
  const beyond = subtractDecimals(sums.reactive, multiplyDecimals(sums.active, toDecimal(limit)))
  const [used, exchanged] = [sums.active, sums.reactive].map(toNumber)
  return {
    ...sums,
    tanPhi: used! > 0 ? Math.round((exchanged! / used!) * 10_000) / 10_000 : undefined,
    excess: beyond.digits > 0n ? beyond : toDecimal(0),
    knownMs,
    countingMs,
  }
}
