import { isEmpty, overlap } from '../../model/local-dates.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Finding } from '../check.ts'
import type { Draft, DraftPoint, Entry } from '../draft.ts'
import type { MeterDocument } from '../schema.ts'
import { checkTimeClasses } from './time-classes.ts'

/** Subscribed powers that can be held against what is measured, and reactive energy beside active energy. */
export function* checkPower({ meters, points, ids, complete }: Draft): Iterable<Finding> {
  const pointsById = new Map(points.map(point => [point.id, point]))
  const byId = new Map(meters.map(({ value }) => [value.id, value]))
  const reactiveOf = new Map<string, string>()
  for (const meter of meters) {
    const { powerPoint, reactive, id } = meter.value
    yield* checkSubscribed(meter)
    if (powerPoint !== undefined) {
      const point = pointsById.get(powerPoint)
      if (point) yield* checkPowerPoint(meter, point)
      else if (complete.has('points'))
        yield { path: [...meter.path, 'powerPoint'], message: `there is no point ${powerPoint}` }
    }
    if (!reactive) continue
    const at = [...meter.path, 'reactive', 'of']
    const active = byId.get(reactive.of)
    if (!active && ids.meters && !ids.meters.has(reactive.of))
      yield { path: at, message: `there is no meter ${reactive.of}` }
    if (active && (active.fluid !== 'electricite' || active.reactive))
      yield { path: at, message: `${active.id} counts no active energy` }
    const other = reactiveOf.get(reactive.of)
    if (other) yield { path: at, message: `the meter ${other} counts its reactive energy already` }
    reactiveOf.set(reactive.of, id)
  }
}

function* checkSubscribed({ value, path }: Entry<MeterDocument>): Iterable<Finding> {
  const { subscribed: contracts = [], fluid, direction, reactive } = value
  if (contracts.length > 0 && (fluid !== 'electricite' || direction !== 'import' || reactive))
    yield { path: [...path, 'subscribed'], message: 'is for electricity that is taken from the network' }
  for (const [index, contract] of contracts.entries()) {
    const at = [...path, 'subscribed', index]
    if (isEmpty(contract)) yield { path: [...at, 'to'], message: 'must be after from' }
    else if (contracts.slice(0, index).some(other => overlap(other, contract)))
      yield { path: at, message: 'other powers hold on these dates' }
    if (contract.activeFactor !== undefined && contract.unit === 'kW')
      yield { path: [...at, 'activeFactor'], message: 'is for kV.A: kW are active power already' }
    yield* checkTimeClasses(contract.powers, [...at, 'powers'])
  }
}

function* checkPowerPoint(
  { value: { fluid }, path }: Entry<MeterDocument>,
  { id, definition }: DraftPoint,
): Iterable<Finding> {
  const at = [...path, 'powerPoint']
  if (fluid !== 'electricite') yield { path: at, message: `is for electricity, not ${fluid}` }
  const { quantity, interval } = definition
  if (quantity !== 'active-power' && quantity !== 'apparent-power')
    yield { path: at, message: `${id} is ${quantity}, not active-power or apparent-power` }
  else if (interval > MINUTE_MS)
    yield { path: at, message: `${id} is read too rarely for a mean of ten minutes: 1min at the most` }
}
