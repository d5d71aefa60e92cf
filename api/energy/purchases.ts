import { z } from 'zod'
import { type FactorSet, factorsOf, namesOf } from '../../energy/factors.ts'
import { accountOf } from '../../energy/year-account.ts'
import type { Clock } from '../../model/clock.ts'
import { ENERGIES, PURCHASE_UNITS } from '../../model/energy.ts'
import { counts, PURCHASE_USES, type StoredPurchase } from '../../model/purchase.ts'
import type { Registry } from '../../registry/registry.ts'
import type { PurchaseStore } from '../../store/purchases.ts'
import { idParameter, instant, instantSchema, numberOf } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { factorFields, yearParameter } from './account-fields.ts'
import { yearOf } from './year-accounts.ts'

const purchaseSchema = z.strictObject({
  id: z.int(),
  site: z.string(),
  energy: z.enum(ENERGIES),
  from: z.iso.date(),
  to: z.iso.date().describe('Inclusive'),
  amount: z.number(),
  unitLabel: z.string(),
  use: z.enum(PURCHASE_USES).describe('public-transport is out of scope and not counted'),
  counts: z
    .boolean()
    .describe('Whether it is in the account of the year, unless a meter or `yearly` tells the energy by now'),
  finalEnergy: z.number().nullable().describe('kWh PCI'),
  kgCO2e: z.number().nullable(),
  reference: z.string(),
  author: z.string(),
  source: z.string().describe('The file and its line'),
  recordedAt: instantSchema,
  endedAt: instantSchema.nullable().describe('When another amount of the same was imported'),
})
const monthsSchema = z.strictObject({
  site: z.string(),
  energy: z.enum(ENERGIES),
  without: z.array(z.string().regex(/^\d{4}-\d{2}$/)).describe('Months of the year that no purchase lies in'),
})

/** What sites bought in a year, row by row: what the accounts of energies without a meter are made of. */
export function addPurchaseRoutes(
  server: Server,
  routes: { registry: Registry; purchases: PurchaseStore; factors: FactorSet; clock: Clock },
): void {
  const { registry, purchases, factors, clock } = routes

  server.get(
    '/v1/energy/purchases',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'What sites bought in a year, as it was imported, with the months of which nothing is known',
        querystring: z.strictObject({ year: yearParameter, site: idParameter.optional() }),
        response: {
          200: z.strictObject({
            year: z.int(),
            factors: factorFields,
            purchases: z.array(purchaseSchema),
            months: z.array(monthsSchema),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      if (query.site !== undefined) siteOf(registry, query.site)
      reply.header('Cache-Control', 'no-store')
      // A year that is not over has purchases, too.
      const year = query.year ?? yearOf(undefined, clock.now(), registry.territory.timeZone)
      const found = purchases
        .ofYear(year)
        .filter(({ site }) => query.site === undefined || site === query.site)
      return {
        year,
        factors: namesOf(factors),
        purchases: found.map(each =>
          describe(each, factorsOf(factors, registry.territory.emissionFactors, each.site)),
        ),
        months: monthsWithout(found.filter(counts), year),
      }
    },
  )
}

function describe(purchase: StoredPurchase, factors: FactorSet): z.output<typeof purchaseSchema> {
  const { energy, amount, recordedAt, endedAt, ...rest } = purchase
  const { finalEnergy, kgCO2e } = accountOf([{ energy, amount, source: 'purchases', coverage: 1 }], factors)
  return {
    ...rest,
    energy,
    amount: Number(amount),
    unitLabel: PURCHASE_UNITS[energy],
    counts: counts(purchase),
    finalEnergy: numberOf(finalEnergy),
    kgCO2e: numberOf(kgCO2e),
    recordedAt: instant(recordedAt),
    endedAt: endedAt === undefined ? null : instant(endedAt),
  }
}

function monthsWithout(purchases: readonly StoredPurchase[], year: number): z.output<typeof monthsSchema>[] {
  const all = Array.from({ length: 12 }, (_, month) => `${year}-${String(month + 1).padStart(2, '0')}`)
  return [...Map.groupBy(purchases, ({ site, energy }) => `${site} ${energy}`).values()].map(bought => ({
    site: bought[0]!.site,
    energy: bought[0]!.energy,
    without: all.filter(
      month => !bought.some(({ from, to }) => from.slice(0, 7) <= month && month <= to.slice(0, 7)),
    ),
  }))
}
