import type { Finding } from '../check.ts'
import { type Draft, devicesOf } from '../draft.ts'

/** Devices that belong somewhere and say something. */
export function* checkGateways(draft: Draft): Iterable<Finding> {
  const { sites } = draft.ids
  for (const { device, path } of devicesOf(draft)) {
    if (sites && !sites.has(device.site))
      yield { path: [...path, 'site'], message: `there is no site ${device.site}` }
    if (!device.model && Object.keys(device.points).length === 0)
      yield { path, message: 'has neither a model nor points' }
  }
}
