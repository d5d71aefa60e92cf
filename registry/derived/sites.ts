import { quantity } from '../../model/quantity.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Draft } from '../draft.ts'
import type { DerivedPoint } from './derived.ts'

/** How good the data of every site is where something is read. */
export function sitePoints({ points }: Pick<Draft, 'points'>): DerivedPoint[] {
  const sites = new Set(points.map(({ device }) => device.site))
  return [...sites].map(site => ({
    ...{ site, name: 'missing-data', quantityName: 'missing-data', interval: HOUR_MS },
    label: quantity('missing-data').label,
  }))
}
