import type { Position } from '../../../../model/distance.ts'
import { mapLink } from '../../../../model/map-link.ts'

/** Where a map shows a position: the phone's own map, which may be there without network, or one on the web. */
export function phoneMapLink(position: Position, userAgent: string): string {
  const { lat, lon } = position
  return userAgent.includes('Android') ? `geo:${lat},${lon}?q=${lat},${lon}` : mapLink(position)
}
