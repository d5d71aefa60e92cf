import type { Position } from './distance.ts'

/** Where OpenStreetMap shows a position. */
export function mapLink({ lat, lon }: Position): string {
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=15/${lat}/${lon}`
}
