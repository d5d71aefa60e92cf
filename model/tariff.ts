import type { Fluid } from './fluid.ts'

/** Some hours of the civil year; without months, days or hours, all of them. */
export interface TimeClass {
  /** 1 to 12 */
  months?: readonly number[]
  /** 1 (Monday) to 7 */
  days?: readonly number[]
  /** Civil times of the same day, like `22:00-06:00`, in quarters of an hour. */
  hours?: readonly string[]
}

/** The price of one unit at some times. */
export interface Price extends TimeClass {
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
