import { isKnownHour } from '../../model/consumption.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import type { Meter } from '../../registry/registry.ts'

/** What a meter counted in the hours that are wholly known, in its unit, by their starts. */
export function amountsOfHours(
  hours: readonly ConsumptionFigure[],
  { stepsPerUnit }: Meter,
): ReadonlyMap<number, number> {
  return new Map(hours.filter(isKnownHour).map(({ start, amount }) => [start, amount / stepsPerUnit]))
}
