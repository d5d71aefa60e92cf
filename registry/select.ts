import { isDerivedQuantity, type QuantityName } from '../model/quantity.ts'
import type { RuleDocument, Site } from './schema.ts'

interface Selectable {
  id: string
  site: string
  quantityName: QuantityName
  tags?: readonly string[]
}

/** The points that a rule watches, in the order of the registry. What the hub works out is watched where it is named. */
export function selectPoints<P extends Selectable>(
  select: RuleDocument['select'],
  points: readonly P[],
  siteOf: (site: string) => Pick<Site, 'kind' | 'tags'> | undefined,
): P[] {
  if ('points' in select) return points.filter(({ id }) => select.points.includes(id))
  const { quantity, siteKind, tag, except } = select
  return points.filter(
    ({ id, site, quantityName, tags }) =>
      (quantity === undefined ? !isDerivedQuantity(quantityName) : quantityName === quantity) &&
      (siteKind === undefined || siteOf(site)?.kind === siteKind) &&
      (tag === undefined || tags?.includes(tag) || siteOf(site)?.tags?.includes(tag)) &&
      !except.includes(id),
  )
}
