import type { CivilTimes } from './civil-times.ts'
import type { Fluid } from './fluid.ts'

/** The price of one unit at some times; without months, days or hours, at all of them. */
export interface Price extends CivilTimes {
  name: string
  price: number
}

/** What a fluid costs, in euros; prices are per kWh or m³, without VAT, and hold between local dates. */
export interface Tariff {
  id: string
  name: string
  fluid: Fluid
  from?: string
  /** Exclusive. */
  to?: string
  /** The first that fits holds; the last fits always. */
  prices: readonly Price[]
  /** Per unit, at all times. */
  taxes: readonly { name: string; price: number }[]
  fixedPerMonth: number
  /** In percent. */
  vat: number
  /** Of what is fixed, where it is another, in percent. */
  fixedVat?: number
}
