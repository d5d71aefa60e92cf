import type { Meter, Registry } from '../../registry/registry.ts'
import { Problem } from '../problem.ts'

/** @throws Problem 404 */
export function meterOf(registry: Registry, id: string): Meter {
  const meter = registry.meters.get(id)
  if (!meter) throw new Problem(404, `There is no meter ${id}; each site of /v1/sites lists its own.`)
  return meter
}
