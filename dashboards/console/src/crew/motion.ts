import { distanceKm } from '../../../../model/distance.ts'

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

/** Whether the vehicle moves, by what the phone says of its speed, or by how far it has come since. */
export function stepMotion(before: Motion | undefined, fix: Fix): Motion {
  const speed = Math.max(fix.speed ?? 0, before ? impliedSpeed(before.fix, fix) : 0)
  return { moving: speed > MOVING, fix }
}

/** What is within the accuracy of both positions may be no way at all. m/s */
function impliedSpeed(a: Fix, b: Fix): number {
  const way = Math.max(0, distanceKm(a, b) * 1000 - a.accuracy - b.accuracy)
  return way / Math.max(1, (b.time - a.time) / 1000)
}
