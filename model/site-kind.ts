export const SITE_KINDS = [
  'building',
  'road-station',
  'traffic-counter',
  'street-lighting',
  'vehicle-fleet',
] as const
export type SiteKind = (typeof SITE_KINDS)[number]
