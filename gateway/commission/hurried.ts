import type { Registry } from '../../registry/registry.ts'

/** The registry with every point read at least so often, ms, as it is while somebody waits for it. */
export function hurried(registry: Registry, every: number): Registry {
  const points = [...registry.points].map(
    ([id, point]) => [id, { ...point, interval: Math.min(point.interval, every) }] as const,
  )
  return { ...registry, points: new Map(points) }
}
