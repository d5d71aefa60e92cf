import { distanceKm } from '../../model/distance.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { Point, Registry } from '../../registry/registry.ts'

/** Neighbours beyond so many say nothing that these do not. */
const MOST_NEIGHBOURS = 5

/** What measures these quantities at the other sites that are nearest, and no further away than so many km. */
export function pointsNearby(
  { site }: Point,
  { points, sites }: Registry,
  km: number,
  quantities: readonly QuantityName[],
): Point[] {
  const elsewhere = [...points.values()].filter(
    point => point.site !== site && quantities.includes(point.quantityName),
  )
  const here = sites.get(site)!.position
  const nearest = [...Map.groupBy(elsewhere, point => point.site)]
    .map(([site, points]) => ({ points, distance: distanceKm(here, sites.get(site)!.position) }))
    .filter(({ distance }) => distance <= km)
    .sort((a, b) => a.distance - b.distance)
  return nearest.slice(0, MOST_NEIGHBOURS).flatMap(({ points }) => points)
}
