import { type FactorSet, factorsOf, isEnergy } from '../../energy/factors.ts'
import { accountOf, type EnergyUse, sumOf, type YearAccount } from '../../energy/year-account.ts'
import { localDate, startOfLocalDate } from '../../model/calendar.ts'
import type { Energy } from '../../model/energy.ts'
import { counts, type StoredPurchase } from '../../model/purchase.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { PurchaseStore } from '../../store/purchases.ts'
import { openSiteConsumption } from '../consumption/site-consumption.ts'
import { WrongParameter } from '../fields.ts'
import { totalOf } from './energy.ts'

export interface AccountSources {
  registry: Registry
  purchases: Pick<PurchaseStore, 'ofYear'>
  figures: FigureStore
  factors: FactorSet
}

/**
 * Makes the function that tells the account of a site and a civil year: what is stated of an energy stands for
 * its meters, which are heard otherwise.
 */
function openYearAccounts({ registry, figures, purchases, factors }: AccountSources) {
  const { timeZone } = registry.territory
  const consumptionOf = openSiteConsumption({ registry, figures })

  const ofYear = new Map<number, readonly StoredPurchase[]>()
  /** What a site bought of energies of which nothing else tells: the import refuses others, the registry may have changed. */
  function boughtBy(site: Site, year: number, told: ReadonlySet<Energy>): EnergyUse[] {
    const all = ofYear.get(year) ?? purchases.ofYear(year)
    ofYear.set(year, all)
    const own = all.filter(each => each.site === site.id && counts(each) && !told.has(each.energy))
    return [...Map.groupBy(own, ({ energy }) => energy)].map(([energy, bought]) => ({
      energy,
      amount: sumOf(bought.map(({ amount }) => amount)),
      source: 'purchases',
      coverage: 1,
    }))
  }

  return async (site: Site, year: number): Promise<YearAccount> => {
    const stated = (site.yearly ?? []).filter(use => use.year === year)
    const uses: EnergyUse[] = stated.map(({ energy, amount }) => ({
      energy,
      amount: String(amount),
      source: 'stated',
      coverage: 1,
    }))
    const unconverted: Energy[] = []
    const [from, to] = [year, year + 1].map(each => startOfLocalDate(`${each}-01-01`, timeZone))
    for (const { fluid, unit, rows } of await consumptionOf(site.id, 'month', from!, to!)) {
      if (!isEnergy(fluid) || stated.some(({ energy }) => energy === fluid)) continue
      const { amount, coverage } = totalOf(rows)
      if (unit === 'kW.h') uses.push({ energy: fluid, amount, source: 'meters', coverage })
      else unconverted.push(fluid)
    }
    uses.push(...boughtBy(site, year, new Set(uses.map(({ energy }) => energy))))
    const charging = site.tertiary?.vehicleCharging.find(each => each.year === year)?.amount
    const own = factorsOf(factors, registry.territory.emissionFactors, site.id)
    return accountOf(uses, own, charging, unconverted)
  }
}

/** A site's account of a year, and of the one that it is held against. */
export interface TwoYears<S extends Site = Site> {
  site: S
  account: YearAccount
  reference: YearAccount
}

/** Makes the function that loads the accounts of a year and of each site's reference year, site by site. */
export function openTwoYears(sources: AccountSources) {
  return async <S extends Site>(
    sites: Iterable<S>,
    year: number,
    referenceYearOf: (site: S) => number,
  ): Promise<TwoYears<S>[]> => {
    // Anew each time: what was bought is read once for all sites, and may be more the next time.
    const accountOfYear = openYearAccounts(sources)
    const years: TwoYears<S>[] = []
    for (const site of sites) {
      const account = await accountOfYear(site, year)
      years.push({ site, account, reference: await accountOfYear(site, referenceYearOf(site)) })
    }
    return years
  }
}

/**
 * The civil year that a request asks for, the last one that is over by default.
 * @throws WrongParameter when it is not over.
 */
export function yearOf(asked: number | undefined, now: number, timeZone: string): number {
  const last = Number(localDate(now, timeZone).slice(0, 4)) - 1
  if (asked !== undefined && asked > last)
    throw new WrongParameter('year', `is not over: ${last} is the last one`)
  return asked ?? last
}
