/** A position as the phone found it. */
export interface Fix {
  lat: number
  lon: number
  /** m */
  accuracy: number
  /** m/s, where the phone says so. */
  speed: number | null
  /** ms UTC of this device. */
  time: number
}

export interface Motion {
  moving: boolean
  fix: Fix
}

/** Faster than a person walks, m/s. */
const MOVING = 2
const EARTH_RADIUS = 6_371_000

/** Whether the vehicle moves, by what the phone says of its speed, or by how far it has come since. */
export function stepMotion(before: Motion | undefined, fix: Fix): Motion {
  const speed = Math.max(fix.speed ?? 0, before ? impliedSpeed(before.fix, fix) : 0)
  return { moving: speed > MOVING, fix }
}

/** What is within the accuracy of both positions may be no way at all. m/s */
function impliedSpeed(a: Fix, b: Fix): number {
  const way = Math.max(0, distance(a, b) - a.accuracy - b.accuracy)
  return way / Math.max(1, (b.time - a.time) / 1000)
}

type Position = Pick<Fix, 'lat' | 'lon'>

/** As the crow flies on a sphere (haversine), m. */
export function distance(a: Position, b: Position): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [lat, lon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)]
  const h =
    Math.sin(lat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(lon / 2) ** 2
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)))
}
