import { pointId } from '../../model/point-id.ts'
import { type DerivedQuantityName, quantity } from '../../model/quantity.ts'
import type { Unit } from '../../model/units.ts'
import type { Draft } from '../draft.ts'
import type { Point } from '../registry.ts'
import type { Text } from '../schema.ts'
import { dailyTestPoints } from './daily-test.ts'
import { findingPoints } from './findings.ts'
import { gatewayPoints } from './gateways.ts'
import { meterPoints } from './meters.ts'
import { sitePoints } from './sites.ts'

/** A point that no device has: the hub works out what it says, and sends it as {@link DERIVED_SENDER}. */
export interface DerivedPoint {
  site: string
  name: string
  label: Text
  quantityName: DerivedQuantityName
  /** The first of its quantity, where it is not said. */
  unit?: Unit
  /** How often it is worked out, ms. */
  interval: number
  /** Of what, where that is not the site. */
  of?: DerivedFrom
}

export interface DerivedFrom {
  gateway?: string
  meter?: string
}

/** No gateway may have the name of a role. */
export const DERIVED_SENDER = 'fluids'
/** The name among the devices of a site of the one that is not there. */
export const DERIVED_DEVICE = 'hub'

/** What the hub can work out of a registry, as far as it is written. */
export function derivedPoints(
  draft: Pick<Draft, 'gateways' | 'points' | 'meters' | 'sites' | 'territory'>,
): DerivedPoint[] {
  return [
    ...gatewayPoints(draft),
    ...sitePoints(draft),
    ...findingPoints(draft),
    ...meterPoints(draft),
    ...dailyTestPoints(draft),
  ]
}

export function resolveDerived({ site, name, quantityName, ...derived }: DerivedPoint): Point {
  const { label, interval, of = {}, unit = quantity(quantityName).units[0]! } = derived
  return {
    id: pointId(site, DERIVED_DEVICE, name),
    ...{ site, device: DERIVED_DEVICE, name, label, quantityName, interval },
    gateway: DERIVED_SENDER,
    // No connection has this id.
    connection: '',
    quantity: quantity(quantityName),
    unit,
    dueWithin: interval,
    source: { driver: 'derived', ...of },
  }
}
