import { formatDecimal, multiplyDecimals, toDecimal } from './decimal.ts'
import { ENERGIES, type Energy, PURCHASE_UNITS } from './energy.ts'

/** An energy that a site bought, where no meter counts it: a delivery, a statement of fuel cards, an invoice. */
export interface Purchase {
  site: string
  energy: Energy
  /** Local dates, both inclusive, in one civil year; equal for a delivery. */
  from: string
  to: string
  /** Exact, in the unit of PURCHASE_UNITS. */
  amount: string
  /** Public transport is out of scope of L. 235-1: it is kept, and not counted. */
  use: (typeof PURCHASE_USES)[number]
  /** Tells apart what was bought of one energy at one time: a card, a vehicle, an invoice. */
  reference: string
  author: string
  /** The file and its line. */
  source: string
}

export const PURCHASE_USES = ['own', 'public-transport'] as const

export interface StoredPurchase extends Purchase {
  id: number
  /** ms UTC */
  recordedAt: number
  /** When another amount of the same was stated, ms UTC: it no longer counts. */
  endedAt?: number
}

/** Whether it is in the account: public transport and what another amount stands for are not. */
export function counts({ use, endedAt }: StoredPurchase): boolean {
  return use === 'own' && endedAt === undefined
}

/** A row as somebody writes it. Empty is not given. */
export type PurchaseRow = Partial<Record<(typeof PURCHASE_COLUMNS)[number], string>>

export const PURCHASE_COLUMNS = [
  'site',
  'energy',
  'from',
  'to',
  'amount',
  'unit',
  'use',
  'reference',
  'author',
] as const

/** A field of a purchase that cannot be understood. */
export class PurchaseError extends Error {
  readonly field: (typeof PURCHASE_COLUMNS)[number]

  constructor(field: PurchaseError['field'], message: string) {
    super(message)
    this.field = field
  }
}

/** Units of suppliers that are a power of ten of the one in which an energy is counted. */
const OTHER_UNITS: Record<string, Record<string, number>> = {
  kWh: { MWh: 1000 },
  'kWh PCS': { 'MWh PCS': 1000 },
  'kWh PCI': { 'MWh PCI': 1000 },
  L: { m3: 1000, hL: 100 },
  kg: { t: 1000 },
}
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * What a row says, its site left to whoever knows the sites.
 * @param today local date
 * @throws PurchaseError naming the field
 */
export function takePurchase(row: PurchaseRow, today: string): Omit<Purchase, 'author' | 'source'> {
  const given = (name: keyof PurchaseRow) => row[name]?.trim() || undefined
  const site = given('site')
  if (!site) throw new PurchaseError('site', 'is not given')
  const energy = oneOf('energy', given('energy'), ENERGIES)
  const from = dateOf('from', given('from'), today)
  const to = given('to') ? dateOf('to', given('to'), today) : from
  if (to < from) throw new PurchaseError('to', `${to} is before ${from}`)
  if (to.slice(0, 4) !== from.slice(0, 4))
    throw new PurchaseError(
      'to',
      'lies in another year than from: write what belongs to each, as the supplier tells it',
    )
  return {
    ...{ site, energy, from, to },
    amount: amountOf(given('amount'), given('unit'), energy),
    use: oneOf('use', given('use') ?? 'own', PURCHASE_USES),
    reference: given('reference') ?? '',
  }
}

function oneOf<T extends string>(
  field: PurchaseError['field'],
  value: string | undefined,
  all: readonly T[],
): T {
  const found = all.find(each => each === value?.toLowerCase())
  if (!found) throw new PurchaseError(field, `${value ?? '(empty)'} is none of ${all.join(', ')}`)
  return found
}

function dateOf(field: 'from' | 'to', text: string | undefined, today: string): string {
  const french = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text ?? '')
  const date = french ? `${french[3]}-${french[2]}-${french[1]}` : (text ?? '')
  const time = DATE.test(date) ? Date.parse(`${date}T00:00Z`) : Number.NaN
  // Date.parse takes 2026-02-30 for the 2nd of March.
  const isDate = !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
  if (!isDate)
    throw new PurchaseError(field, `${text ?? '(empty)'} is no date: write 2026-03-31 or 31/03/2026`)
  if (date > today) throw new PurchaseError(field, `${date} has not come yet`)
  return date
}

function amountOf(text: string | undefined, unit: string | undefined, energy: Energy): string {
  const plain = text?.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.') ?? ''
  if (!/^\d+(?:\.\d+)?$/.test(plain))
    throw new PurchaseError('amount', `${text || '(empty)'} is no amount: write it like 1234.5 or 1234,5`)
  const own = PURCHASE_UNITS[energy]
  if (unit === undefined || unit === own) return formatDecimal(toDecimal(plain))
  const factor = OTHER_UNITS[own]?.[unit]
  if (factor === undefined) {
    const units = [own, ...Object.keys(OTHER_UNITS[own] ?? {})]
    throw new PurchaseError('unit', `${energy} is bought in ${units.join(' or ')}, not in ${unit}`)
  }
  return formatDecimal(multiplyDecimals(toDecimal(plain), toDecimal(factor)))
}
