/** One segment of an identifier: lower case, digits and hyphens. */
export const ID_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** `<site>/<device>/<point>`, each segment after {@link ID_PATTERN}. */
export const POINT_ID_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*){2}$/

/** As a point id, or without its site, or without its site and device: see {@link pointIdBeside}. */
export const POINT_BESIDE_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*){0,2}$/

export function pointId(site: string, device: string, point: string): string {
  return `${site}/${device}/${point}`
}

/** The point that is meant beside another: `<point>` of the same device, `<device>/<point>` of the same site, or any. */
export function pointIdBeside(named: string, { site, device }: { site: string; device: string }): string {
  const parts = named.split('/')
  return [...[site, device].slice(0, 3 - parts.length), ...parts].join('/')
}

/** A name as an id: lower case, digits and hyphens. */
export function toId(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'unnamed'
}
