/** Where a map shows a position: the phone's own map, which may be there without network, or one on the web. */
export function mapLink({ lat, lon }: { lat: number; lon: number }, userAgent: string): string {
  if (userAgent.includes('Android')) return `geo:${lat},${lon}?q=${lat},${lon}`
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=15/${lat}/${lon}`
}
