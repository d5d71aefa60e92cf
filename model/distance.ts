/** WGS 84, degrees. */
export interface Position {
  lat: number
  lon: number
}

/** Mean radius of the Earth (IUGG), km. */
export const EARTH_RADIUS_KM = 6371.0088
const RADIANS = Math.PI / 180

/** Along a great circle of a sphere, km: within half a percent of the ellipsoid. */
export function distanceKm(a: Position, b: Position): number {
  const halfSine = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2
  const h =
    halfSine(b.lat - a.lat) + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * halfSine(b.lon - a.lon)
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}
