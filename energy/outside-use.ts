import { type HourUse, isKnown, knownShare, sumOfHours, type WastedHour } from './hour-use.ts'

/** What was used while a site was closed, of the hours that are known; amounts are in the unit. */
export interface OutsideUse {
  used: number
  /** Of all that was used in known hours; undefined where that is nothing. */
  share: number | undefined
  /** Of the time outside opening, how much is known: 0 to 1. */
  coverage: number
  /** Hours outside opening that are known. */
  hours: number
  /**
   * What was used beyond the base load, which runs when people are there, too. In an hour it may be below 0: what goes
   * up and down about the base load adds up to nothing.
   */
  beyondBase: WastedHour[]
}

/**
 * @param hours with whether the site was open in each
 * @param base the base load, in the unit in an hour
 */
export function outsideUse(hours: readonly (HourUse & { open: boolean })[], base: number): OutsideUse {
  const closed = hours.filter(({ open }) => !open)
  const known = closed.filter(isKnown)
  const used = sumOfHours(known)
  const all = sumOfHours(hours.filter(isKnown))
  return {
    used,
    share: all > 0 ? used / all : undefined,
    coverage: knownShare(closed),
    hours: known.length,
    beyondBase: known.map(({ start, end, amount }) => ({ start, end, amount: amount - base })),
  }
}
