import type { Fluid } from '../../model/fluid.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'

const OUTDOOR: readonly QuantityName[] = ['outdoor-temperature', 'air-temperature']
const HEATING_FLUIDS: readonly Fluid[] = ['electricite', 'gaz', 'chaleur']

const COOLING_FLUIDS: readonly Fluid[] = ['electricite', 'froid']

/** A climate that a point tells, and meters of which heat or cold can come. */
export function* checkClimate({ territory, points, meters, complete }: Draft): Iterable<Finding> {
  for (const { value: meter, path } of meters) {
    if (meter.heating && !HEATING_FLUIDS.includes(meter.fluid))
      yield { path: [...path, 'heating'], message: `${meter.fluid} heats no building: leave heating out` }
    if (meter.cooling && !COOLING_FLUIDS.includes(meter.fluid))
      yield { path: [...path, 'cooling'], message: `${meter.fluid} cools no building: leave cooling out` }
    else if (meter.cooling && meter.heating)
      yield { path: [...path, 'cooling'], message: 'one meter cannot tell heating from cooling: choose one' }
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
