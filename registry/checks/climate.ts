import type { Fluid } from '../../model/fluid.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'

const OUTDOOR: readonly QuantityName[] = ['outdoor-temperature', 'air-temperature']
const HEATING_FLUIDS: readonly Fluid[] = ['electricite', 'gaz', 'chaleur']

/** A climate that a point tells, and meters of which heat can come. */
export function* checkClimate({ territory, points, meters, complete }: Draft): Iterable<Finding> {
  for (const { value: meter, path } of meters) {
    if (meter.heating && !HEATING_FLUIDS.includes(meter.fluid))
      yield { path: [...path, 'heating'], message: `${meter.fluid} heats no building: leave heating out` }
  }
  if (!territory?.climate) return
  const path = ['territory', 'climate', 'point']
  const point = points.find(({ id }) => id === territory.climate!.point)
  if (!point) {
    if (complete.has('points')) yield { path, message: `there is no point ${territory.climate.point}` }
    return
  }
  const { quantity: name } = point.definition
  if (!OUTDOOR.includes(name))
    yield { path, message: `${point.id} is ${name}: name an outdoor-temperature or an air-temperature` }
}
