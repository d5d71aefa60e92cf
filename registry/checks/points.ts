import { quantity } from '../../model/quantity.ts'
import type { Finding } from '../check.ts'
import type { DeviceFiles } from '../device-files.ts'
import { type Draft, devicesOf } from '../draft.ts'
import { DECLARATIONS } from '../driver-declaration.ts'
import type { DriverName, PointDefinition } from '../schema.ts'

/** Points that mean something and can be read where their device is connected. */
export function* checkPoints(draft: Draft, deviceFiles: DeviceFiles): Iterable<Finding> {
  for (const { value, source } of deviceFiles.values()) {
    for (const [name, definition] of Object.entries(value.points))
      for (const { path, message } of checkDefinition(definition))
        yield { source, path: ['points', name, ...path], message }
  }
  for (const { device, path: at } of devicesOf(draft)) {
    for (const [name, definition] of Object.entries(device.points))
      for (const { path, message } of checkDefinition(definition))
        yield { path: [...at, 'points', name, ...path], message }
  }
  for (const { name, definition, device, connection, path } of draft.points) {
    if (definition[connection.driver]) continue
    const own = name in device.points
    yield {
      path: own ? [...path, 'points', name] : [...path, 'model'],
      message: `${own ? 'has' : `the point ${name} of ${device.model} has`} no ${connection.driver}, by which ${connection.id} reads`,
    }
  }
}

function* checkDefinition(point: PointDefinition): Iterable<Finding> {
  const { units, value, kind, values } = quantity(point.quantity)
  if (!units.includes(point.unit))
    yield { path: ['unit'], message: `${point.quantity} is in ${units.join(' or ')}` }
  if (point.interval <= 0) yield { path: ['interval'], message: 'must be longer than nothing' }
  if (point.heartbeat !== undefined && value === 'number' && kind !== 'index') {
    const message = `${point.quantity} is a measure: told only when it changes, its means would be wrong`
    yield { path: ['heartbeat'], message }
  } else if (point.heartbeat !== undefined && point.heartbeat < point.interval)
    yield { path: ['heartbeat'], message: 'is shorter than the interval' }
  if (point.min !== undefined && point.max !== undefined && point.min > point.max)
    yield { path: ['min'], message: 'is greater than max' }
  for (const [name, { checkSource }] of Object.entries(DECLARATIONS)) {
    const source = point[name as DriverName]
    if (!source) continue
    const words = 'states' in source && source.states ? Object.values(source.states) : []
    const strange = words.find(word => values && !values.includes(String(word)))
    if (strange !== undefined)
      yield {
        path: [name, 'states'],
        message: `${strange} is no ${point.quantity}: write ${values!.join(', ')}`,
      }
    for (const { path, message } of checkSource?.(source, point) ?? [])
      yield { path: [name, ...path], message }
  }
}
