/** One segment of an identifier: lower case, digits and hyphens. */
export const ID_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** `<site>/<device>/<point>`, each segment after {@link ID_PATTERN}. */
export const POINT_ID_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*){2}$/

export function pointId(site: string, device: string, point: string): string {
  return `${site}/${device}/${point}`
}

/** A name as an id: lower case, digits and hyphens. */
export function toId(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'unnamed'
}
