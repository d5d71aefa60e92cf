import type { QuantityName } from '../model/quantity.ts'
import type { SiteKind } from '../model/site-kind.ts'
import type { RuleDocument } from './schema.ts'

interface Selectable {
  id: string
  site: string
  quantityName: QuantityName
}

/** The points that a rule watches, in the order of the registry. */
export function selectPoints<P extends Selectable>(
  select: RuleDocument['select'],
  points: readonly P[],
  kindOf: (site: string) => SiteKind | undefined,
): P[] {
  if ('points' in select) return points.filter(({ id }) => select.points.includes(id))
  return points.filter(
    ({ id, site, quantityName }) =>
      quantityName === select.quantity &&
      (select.siteKind === undefined || kindOf(site) === select.siteKind) &&
      !select.except.includes(id),
  )
}
