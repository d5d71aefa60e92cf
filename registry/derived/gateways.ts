import { type DerivedQuantityName, quantity } from '../../model/quantity.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Draft } from '../draft.ts'
import type { DerivedPoint } from './derived.ts'

/** What the hub notices of each gateway, and how often it says so, ms. */
const INTERVALS = {
  'gateway-silence': MINUTE_MS,
  'outbox-fill': 5 * MINUTE_MS,
  'outbox-time-left': 5 * MINUTE_MS,
  'registry-lag': 5 * MINUTE_MS,
} as const satisfies Partial<Record<DerivedQuantityName, number>>

export type GatewayQuantityName = keyof typeof INTERVALS

/** Of every gateway, at the site where it stands. */
export function gatewayPoints({ gateways }: Pick<Draft, 'gateways'>): DerivedPoint[] {
  return gateways.flatMap(({ value }) => {
    const { id, name } = value
    const place = placeOf(value)
    if (place === undefined) return []
    return (Object.keys(INTERVALS) as GatewayQuantityName[]).map(quantityName => {
      const { fr, en } = quantity(quantityName).label
      return {
        ...{ site: place, quantityName, interval: INTERVALS[quantityName] },
        name: `${id}-${quantityName.replace('gateway-', '')}`,
        label: { fr: `${fr} (${name})`, en: `${en} (${name})` },
        of: { gateway: id },
      }
    })
  })
}

/** The site where a gateway stands: that of its first device, where it does not say. */
export function placeOf({ site, connections }: Draft['gateways'][number]['value']): string | undefined {
  return site ?? connections[0]?.devices[0]?.site
}
