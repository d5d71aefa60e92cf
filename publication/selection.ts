import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf, groupMeters } from '../model/consumption.ts'
import type { Fluid } from '../model/fluid.ts'
import { cutAt, holdsOn, intersect, joinDates } from '../model/local-dates.ts'
import type { Unit } from '../model/units.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import { SENSITIVE_USES, type Site, type Text } from '../registry/schema.ts'
import { type Form, type Forms, linkedMeters, openForms, stretchesOf } from './forms.ts'

/** In the least sum in which dwellings may be. */
export const LEAST_DWELLINGS = 10

/** Why something is not published. */
export type SuppressionRule =
  | 'not-open'
  | 'sensitive-use'
  | 'dwellings'
  | 'hourly-not-chosen'
  | 'hourly-delay'

/** What is not published, as the quality report of every version says it. */
export interface Suppression extends LocalDates {
  rule: SuppressionRule
  /** Absent where the building must not be named. */
  site?: string
  fluid?: Fluid
  /** What is missing: every figure, some meters in the figures, or the figures by hour. */
  missing: 'all' | 'meters' | 'hours'
  /** How many it holds for: buildings that are not named, or meters. */
  count?: number
  reason: Text
}

/** Consumption of a building that may be published. */
export interface SelectedSeries {
  site: Site
  fluid: Fluid
  unit: Unit
  /** Those that count for it, as in the selection. */
  meters: Meter[]
  /** When nothing of it appears. */
  hidden: readonly LocalDates[]
  /** Absent where it does not appear by hour. */
  hourly?: { delayDays: number }
}

/** What may be published of the consumption of buildings. */
export interface Selection {
  /** Every meter of the registry; those of too few dwellings count for nobody. */
  meters: readonly Meter[]
  /** By the id of the building, then fluid and unit. */
  series: readonly SelectedSeries[]
  suppressions: readonly Suppression[]
}

/** Whether a site may appear in any open data at all. */
export function mayAppear({ openData, use, openDataDespiteUse }: Site): boolean {
  return openData && (!isSensitive(use) || openDataDespiteUse !== undefined)
}

/** Nobody's: no site has this id. */
const NOBODY = ''

/** Which consumption of which buildings may be published, and why the rest may not. Says the same for the same registry. */
export function selectConsumption({ sites, meters }: Pick<Registry, 'sites' | 'meters'>): Selection {
  const buildings = [...sites.values()]
    .filter(site => site.kind === 'building')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const open = buildings.filter(mayAppear)
  const dwellings = findDwellings([...meters.values()], open)
  const counted = [...meters.values()].map(meter => withoutDwellings(meter, dwellings))
  const series = open.flatMap(site =>
    groupMeters(counted, site.id).map(group => ({
      site,
      ...group,
      hidden: joinDates(
        dwellings.filter(
          ({ site: { id }, fluid, isAll }) => isAll && id === site.id && fluid === group.fluid,
        ),
      ),
      ...(site.openDataHourly && { hourly: site.openDataHourly }),
    })),
  )
  return {
    meters: counted,
    series,
    suppressions: [...hiddenBuildings(buildings), ...describeDwellings(dwellings), ...hiddenHours(open)],
  }
}

/** Meters of dwellings that must not count for a building on some dates: all of them are too few. */
interface Dwellings extends LocalDates {
  site: Site
  fluid: Fluid
  meters: string[]
  /** Nothing else counts for the building. */
  isAll: boolean
}

function findDwellings(meters: readonly Meter[], open: readonly Site[]): Dwellings[] {
  return linkedMeters(meters)
    .filter(linked => linked.some(({ dwellings }) => dwellings !== undefined))
    .flatMap(linked => {
      const { fluid } = linked[0]!
      return stretchesOf(linked).flatMap(stretch => {
        const forms = openForms(linked, stretch)
        return open.flatMap(site => {
          const form = forms.consumption(site.id)
          const served = [...form.keys()].filter(part => forms.dwellings(part) > 0)
          if (served.length === 0 || dwellingsOf(form, forms) >= LEAST_DWELLINGS) return []
          return [{ ...stretch, site, fluid, meters: served, isAll: served.length === form.size }]
        })
      })
    })
}

function dwellingsOf(form: Form, forms: Forms): number {
  return [...form.keys()].reduce((sum, part) => sum + forms.dwellings(part), 0)
}

/** A meter that counts for nobody in place of a building, while it must not count for that. */
function withoutDwellings(meter: Meter, dwellings: readonly Dwellings[]): Meter {
  const excluded = dwellings.filter(({ meters }) => meters.includes(meter.id))
  if (excluded.length === 0) return meter
  const allocations = allocationsOf(meter).flatMap(allocation => {
    const { site, share } = allocation
    const dates = joinDates(excluded.filter(each => each.site.id === site))
    return cutAt([allocation, ...dates]).flatMap(part => {
      const during = intersect(part, allocation)
      if (!during) return []
      const isExcluded = dates.some(each => holdsOn(each, during.from ?? ''))
      return [{ ...during, share, site: isExcluded ? NOBODY : site }]
    })
  })
  return { ...meter, allocations }
}

function describeDwellings(dwellings: readonly Dwellings[]): Suppression[] {
  return dwellings.map(({ site, fluid, from, to, meters, isAll }) => ({
    rule: 'dwellings',
    site: site.id,
    fluid,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    missing: isAll ? 'all' : 'meters',
    count: meters.length,
    reason: {
      fr: `Compteurs qui desservent ensemble moins de ${LEAST_DWELLINGS} logements : leur consommation est une donnée personnelle.`,
      en: `Meters that together serve fewer than ${LEAST_DWELLINGS} dwellings: their consumption is personal data.`,
    },
  }))
}

/** Buildings that do not appear are counted, never named. */
function hiddenBuildings(buildings: readonly Site[]): Suppression[] {
  const hidden = buildings.filter(site => !mayAppear(site))
  const sensitive = hidden.filter(({ use }) => isSensitive(use)).length
  const notOpen = hidden.length - sensitive
  const suppressions: (Suppression & { count: number })[] = [
    {
      rule: 'not-open',
      missing: 'all',
      count: notOpen,
      reason: {
        fr: 'Bâtiments que le territoire ne publie pas.',
        en: 'Buildings that the territory does not publish.',
      },
    },
    {
      rule: 'sensitive-use',
      missing: 'all',
      count: sensitive,
      reason: {
        fr: 'Bâtiments dont l’usage expose les personnes qui s’y trouvent : protection de l’enfance, gendarmerie, police, hébergement.',
        en: 'Buildings whose use exposes those who are there: child protection, gendarmerie, police, shelters.',
      },
    },
  ]
  return suppressions.filter(({ count }) => count > 0)
}

function hiddenHours(open: readonly Site[]): Suppression[] {
  const delayed = open.flatMap(({ id, openDataHourly }): Suppression[] => {
    if (!openDataHourly) return []
    const { delayDays } = openDataHourly
    const reason = {
      fr: `Les heures paraissent ${delayDays} jours plus tard.`,
      en: `Hours appear ${delayDays} days later.`,
    }
    return [{ rule: 'hourly-delay', site: id, missing: 'hours', reason }]
  })
  const count = open.length - delayed.length
  const reason = {
    fr: 'Bâtiments dont le territoire ne publie pas les heures, qui disent quand il s’y trouve quelqu’un.',
    en: 'Buildings whose hours, which tell when somebody is there, the territory does not publish.',
  }
  return count > 0 ? [{ rule: 'hourly-not-chosen', missing: 'hours', count, reason }, ...delayed] : delayed
}

function isSensitive(use: Site['use']): boolean {
  return use !== undefined && SENSITIVE_USES.includes(use)
}
