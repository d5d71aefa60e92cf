export interface Size {
  width: number
  height: number
}

export interface Projection {
  /** Pixels from longitude and latitude, north up. */
  place(lon: number, lat: number): [x: number, y: number]
  pixelsPerKm: number
}

const KM_PER_DEGREE = 111.32

/**
 * Equirectangular, true to scale at the middle latitude: over a département nothing is off by more than a pixel.
 * Everything given fits into the size less the margin.
 */
export function fitProjection(
  positions: readonly [number, number][],
  size: Size,
  margin: number,
): Projection {
  const lons = positions.map(([lon]) => lon)
  const lats = positions.map(([, lat]) => lat)
  const [west, east] = [Math.min(...lons), Math.max(...lons)]
  const [south, north] = [Math.min(...lats), Math.max(...lats)]
  const middle = [(west + east) / 2, (south + north) / 2] as const
  const shrink = Math.cos((middle[1] * Math.PI) / 180)
  const pixelsPerDegree = Math.min(
    (size.width - 2 * margin) / Math.max((east - west) * shrink, 1e-6),
    (size.height - 2 * margin) / Math.max(north - south, 1e-6),
  )
  return {
    place: (lon, lat) => [
      size.width / 2 + (lon - middle[0]) * shrink * pixelsPerDegree,
      size.height / 2 - (lat - middle[1]) * pixelsPerDegree,
    ],
    pixelsPerKm: pixelsPerDegree / KM_PER_DEGREE,
  }
}
