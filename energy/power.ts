import { type Interval, intervalOfDates } from '../model/calendar.ts'
import { openCivilTimes } from '../model/civil-times.ts'
import type { MeanPower, PowerSource, SubscribedPower } from '../model/power.ts'
import { civilHour } from './cost.ts'

/** What a contract allows in one of its time classes, and what was reached in it. */
export interface ReachedClass {
  name: string
  /** As subscribed, in the contract's unit. */
  subscribed: number
  unit: SubscribedPower['unit']
  /** What is held against it, in the unit of the mean powers; undefined where these cannot be compared. */
  limit: number | undefined
  reached: MeanPower | undefined
  knownMs: number
  /** How long more was taken, ms, and the most beyond; undefined where nothing can be compared. */
  overrun: { ms: number; most: number } | undefined
}

export interface ReachedPower extends Interval {
  /** The greatest mean power; the first of equals. */
  reached: MeanPower | undefined
  /** Of how much of the period a mean power is known, ms, by source and length of the mean. */
  known: { source: PowerSource; lengthMs: number; ms: number }[]
  /** In the order of the contracts that hold in the period. */
  classes: ReachedClass[]
}

/**
 * Lays mean powers over each other: shorter ones first, since a long mean hides a peak, and of one length in the
 * order in which they are given. One of which a part is known otherwise is left out: nothing is counted twice.
 *
 * @param sources each ascending, and of one source and length
 */
export function layPowers(sources: readonly (readonly MeanPower[])[]): MeanPower[] {
  const lengthOf = ([first]: readonly MeanPower[]) => (first ? first.end - first.start : 0)
  let laid: MeanPower[] = []
  for (const powers of sources.toSorted((a, b) => lengthOf(a) - lengthOf(b))) {
    const open = openAmong(powers, laid)
    laid = laid.concat(open).sort((a, b) => a.start - b.start)
  }
  return laid
}

/** Those of which no part lies under what is laid, or under one before. */
function openAmong(powers: readonly MeanPower[], laid: readonly MeanPower[]): MeanPower[] {
  let next = 0
  let taken = -Infinity
  return powers.filter(({ start, end }) => {
    while (next < laid.length && laid[next]!.end <= start) next++
    if (start < taken || (next < laid.length && laid[next]!.start < end)) return false
    taken = end
    return true
  })
}

/**
 * Makes the function that holds mean powers against what a contract allows. An interval is of the time class in which
 * it begins. Power in kW is comparable with kVA where the contract says how (`activeFactor`), and kVA with kVA only.
 *
 * @param unit of the mean powers
 */
export function openReachedPower(
  contracts: readonly SubscribedPower[],
  unit: SubscribedPower['unit'],
  timeZone: string,
): (period: Interval, powers: readonly MeanPower[]) => ReachedPower {
  const opened = contracts.map(contract => {
    const fits = contract.powers.map(openCivilTimes)
    return {
      contract,
      ...intervalOfDates(contract, timeZone),
      classOf: (month: number, weekday: number, minute: number) =>
        fits.findIndex(each => each(month, weekday, minute)),
    }
  })

  return (period, powers) => {
    const holding = opened
      .filter(({ start, end }) => start < period.end && end > period.start)
      .map(each => ({
        ...each,
        classes: each.contract.powers.map(power => open(power, each.contract, unit)),
      }))
    const known = new Map<string, ReachedPower['known'][number]>()
    let reached: MeanPower | undefined
    for (const power of powers) {
      reached = greater(reached, power)
      const length = power.end - power.start
      const key = `${power.source} ${length}`
      const sum = known.get(key) ?? { source: power.source, lengthMs: length, ms: 0 }
      known.set(key, { ...sum, ms: sum.ms + length })
      const contract = holding.find(({ start, end }) => power.start >= start && power.start < end)
      if (!contract) continue
      const { month, weekday, minute } = civilHour(power, timeZone)
      count(contract.classes[contract.classOf(month, weekday, minute)]!, power)
    }
    const classes = holding.flatMap(each => each.classes)
    return { ...period, reached, known: [...known.values()], classes }
  }
}

function open(
  { name, power }: SubscribedPower['powers'][number],
  { unit, activeFactor }: SubscribedPower,
  measured: SubscribedPower['unit'],
): ReachedClass {
  const factor = unit === measured ? 1 : measured === 'kW' ? activeFactor : undefined
  const limit = factor === undefined ? undefined : rounded(power * factor)
  return { name, subscribed: power, unit, limit, reached: undefined, knownMs: 0, overrun: undefined }
}

function count(reached: ReachedClass, power: MeanPower): void {
  const length = power.end - power.start
  reached.knownMs += length
  reached.reached = greater(reached.reached, power)
  if (reached.limit === undefined) return
  const beyond = rounded(power.power - reached.limit)
  const { ms, most } = reached.overrun ?? { ms: 0, most: 0 }
  reached.overrun = beyond > 0 ? { ms: ms + length, most: Math.max(most, beyond) } : { ms, most }
}

function greater(a: MeanPower | undefined, b: MeanPower): MeanPower {
  return a && a.power >= b.power ? a : b
}

/** Powers are told to the milliwatt. */
export function rounded(power: number): number {
  return Math.round(power * 1e6) / 1e6
}
