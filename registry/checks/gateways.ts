import type { Finding } from '../check.ts'
import { type Draft, devicesOf } from '../draft.ts'
import { valueAt } from '../shape.ts'
import type { Path } from '../source.ts'

/** Devices that belong somewhere and say something. */
export function* checkGateways(draft: Draft): Iterable<Finding> {
  const { sites } = draft.ids
  for (const { value, path } of draft.gateways) {
    if (value.site !== undefined && sites && !sites.has(value.site))
      yield { path: [...path, 'site'], message: `there is no site ${value.site}` }
  }
  for (const { device, path } of devicesOf(draft)) {
    if (sites && !sites.has(device.site))
      yield { path: [...path, 'site'], message: `there is no site ${device.site}` }
    if (!device.model && !hasPoints(draft.source.value, path))
      yield { path, message: 'has neither a model nor points' }
  }
}

/** As it is written: of a device whose points are all wrong, that is told already. */
function hasPoints(registry: unknown, path: Path): boolean {
  return Object.keys(valueAt(registry, [...path, 'points']) ?? {}).length > 0
}
