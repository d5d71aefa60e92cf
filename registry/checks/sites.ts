import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import type { Territory } from '../schema.ts'

/** An outline that can be drawn, and every site near it. */
export function* checkSites({ territory, sites }: Draft): Iterable<Finding> {
  if (!territory) return
  for (const [index, ring] of territory.outline.entries()) {
    const path = ['territory', 'outline', index]
    const [first, last] = [ring[0]!, ring.at(-1)!]
    if (first[0] !== last[0] || first[1] !== last[1])
      yield { path, message: 'the ring is open: repeat its first position at its end' }
    for (const [corner, [lon, lat]] of ring.entries()) {
      if (Math.abs(lon) > 180 || Math.abs(lat) > 90)
        yield { path: [...path, corner], message: 'write a position of a ring as [longitude, latitude]' }
    }
  }
  const bounds = boundsOf(territory)
  if (!bounds) return
  for (const { value, path } of sites) {
    const { lat, lon } = value.position
    if (lat < bounds.south || lat > bounds.north || lon < bounds.west || lon > bounds.east)
      yield { path: [...path, 'position'], message: 'lies outside of the territory’s outline' }
  }
}

function boundsOf({ outline }: Territory) {
  const corners = outline.flat()
  if (corners.length === 0) return undefined
  const lons = corners.map(([lon]) => lon)
  const lats = corners.map(([, lat]) => lat)
  return {
    west: Math.min(...lons),
    east: Math.max(...lons),
    south: Math.min(...lats),
    north: Math.max(...lats),
  }
}
