import type { Interval } from './calendar.ts'
import { GRAINS, ORIGINS, type StatedPart } from './statement.ts'

/** The consumption of one meter over one civil period. */
export interface ConsumptionFigure extends Interval {
  /** In whole steps of the meter's resolution: an integer, never a float. */
  amount: number
  /** How much of the period lies between consecutive good indexes no further apart than twice the interval, ms. */
  coveredMs: number
  /** Good index readings whose time lies in the period. */
  readings: number
  /** What was stated, where something was; by origin and grain, in their order. */
  stated?: readonly StatedPart[]
}

/** Sums of ascending figures over ascending periods; a period that no figure lies in has none. */
export function sumFigures(
  parts: readonly ConsumptionFigure[],
  periods: readonly Interval[],
): ConsumptionFigure[] {
  const sums: ConsumptionFigure[] = []
  let next = 0
  for (const { start, end } of periods) {
    const sum: ConsumptionFigure = { start, end, amount: 0, coveredMs: 0, readings: 0 }
    let stated: readonly StatedPart[] = []
    let found = false
    for (; next < parts.length && parts[next]!.start < end; next++) {
      const part = parts[next]!
      if (part.start < start) continue
      found = true
      sum.amount += part.amount
      sum.coveredMs += part.coveredMs
      sum.readings += part.readings
      if (part.stated) stated = addStated(stated, part.stated)
    }
    if (found) sums.push(stated.length > 0 ? { ...sum, stated } : sum)
  }
  return sums
}

/** The parts of both, those of one origin and grain together; in the order of origins, then grains. */
export function addStated(a: readonly StatedPart[], b: readonly StatedPart[]): readonly StatedPart[] {
  return joinStated(a, b, (x, y) => ({ ...x, amount: x.amount + y.amount, ms: x.ms + y.ms }))
}

/** The parts of both, those of one origin and grain made one; in the order of origins, then grains. */
export function joinStated<Amount>(
  a: readonly StatedPart<Amount>[],
  b: readonly StatedPart<Amount>[],
  join: (x: StatedPart<Amount>, y: StatedPart<Amount>) => StatedPart<Amount>,
): readonly StatedPart<Amount>[] {
  if (b.length === 0) return a
  const parts = new Map<string, StatedPart<Amount>>()
  for (const part of [...a, ...b]) {
    const key = `${part.origin} ${part.known}`
    const sum = parts.get(key)
    parts.set(key, sum ? join(sum, part) : part)
  }
  const rank = ({ origin, known }: StatedPart<Amount>) =>
    ORIGINS.indexOf(origin) * (GRAINS.length + 1) + (known === null ? GRAINS.length : GRAINS.indexOf(known))
  return [...parts.values()].sort((x, y) => rank(x) - rank(y))
}
