import type { Point } from '../../../registry/registry.ts'

/** The node id of a point, as `ns=1;s=Name`. */
export function nodeOf(point: Point): string {
  if (point.source.driver !== 'opcua') throw new Error(`${point.id} has no opcua source`)
  return point.source.opcua.node
}
