import { quantity } from '../../model/quantity.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Draft } from '../draft.ts'
import type { DerivedPoint } from './derived.ts'
import { placeOf } from './gateways.ts'

/** Of the hub, how many ways to people are broken by the word of the daily test, where there is one. */
export function dailyTestPoints({
  territory,
  gateways,
  sites,
}: Pick<Draft, 'territory' | 'gateways' | 'sites'>): DerivedPoint[] {
  const test = territory?.alerting?.test
  const places = [test?.site, ...gateways.map(({ value }) => placeOf(value)), sites[0]?.value.id]
  const site = places.find(place => place !== undefined)
  if (!test || site === undefined) return []
  const quantityName = 'unreached-channels'
  const { label } = quantity(quantityName)
  return [{ site, name: 'daily-test', label, quantityName, interval: 5 * MINUTE_MS }]
}
