import type { Point } from '../../../registry/registry.ts'
import type { OpcuaSource } from '../../../registry/schema.ts'

/** Where a point is, and what of it. */
export function sourceOf(point: Point): OpcuaSource {
  if (point.source.driver !== 'opcua') throw new Error(`${point.id} has no opcua source`)
  return point.source.opcua
}

/** Nodes a request: below what small servers take (OPC 10000-5, 6.3.11, OperationLimits). */
const NODES_PER_REQUEST = 100

/** Points as they are asked for together. */
export function inRequests(points: readonly Point[]): Point[][] {
  return Array.from({ length: Math.ceil(points.length / NODES_PER_REQUEST) }, (_, request) =>
    points.slice(request * NODES_PER_REQUEST, (request + 1) * NODES_PER_REQUEST),
  )
}
