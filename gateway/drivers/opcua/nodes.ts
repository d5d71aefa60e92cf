import type { Point } from '../../../registry/registry.ts'
import type { OpcuaSource } from '../../../registry/schema.ts'

/** Where a point is, and what of it. */
export function sourceOf(point: Point): OpcuaSource {
  if (point.source.driver !== 'opcua') throw new Error(`${point.id} has no opcua source`)
  return point.source.opcua
}
