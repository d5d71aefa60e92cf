import { pointIdBeside } from '../../model/point-id.ts'
import type { QuantityName } from '../../model/quantity.ts'

/** What tells how many vehicles pass. */
export const VEHICLES: readonly QuantityName[] = ['vehicle-count', 'traffic-flow']

interface Placed {
  id: string
  site: string
  device: string
  quantityName: QuantityName
}

/**
 * What else a traffic counter measures: the point of that name, or else those of the first of these quantities that the
 * same device has.
 */
export function besideOf<P extends Placed>(
  point: Placed,
  named: string | undefined,
  quantities: readonly QuantityName[],
  points: ReadonlyMap<string, P>,
): P[] {
  if (named !== undefined) {
    const found = points.get(pointIdBeside(named, point))
    return found ? [found] : []
  }
  const device = [...points.values()].filter(
    ({ site, device }) => site === point.site && device === point.device,
  )
  return (
    quantities
      .map(name => device.filter(({ quantityName }) => quantityName === name))
      .find(found => found.length > 0) ?? []
  )
}
