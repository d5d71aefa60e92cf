import type { Point, Registry } from '../../registry/registry.ts'
import { tellsTime } from '../../registry/tells-time.ts'

/** The registry with every point that can be asked read at least so often, ms, as it is while somebody waits for it. */
export function hurried(registry: Registry, every: number): Registry {
  const points = [...registry.points].map(
    ([id, point]) =>
      [id, isAsked(point) ? { ...point, interval: Math.min(point.interval, every) } : point] as const,
  )
  return { ...registry, points: new Map(points) }
}

/** What speaks, or is written anew, when it likes would only be taken for silent. */
function isAsked(point: Point): boolean {
  const { driver } = point.source
  return driver !== 'derived' && driver !== 'mqtt' && (driver !== 'http' || !tellsTime(point))
}
