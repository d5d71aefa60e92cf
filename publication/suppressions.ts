import type { LocalDates } from '../model/calendar.ts'
import type { Fluid } from '../model/fluid.ts'
import { joinDates } from '../model/local-dates.ts'
import type { Site, Text } from '../registry/schema.ts'
import type { Aspect, Judged } from './complement.ts'
import { type FewDwellings, LEAST_DWELLINGS } from './dwellings.ts'

/** Why something is not published. */
export type SuppressionRule =
  | 'not-open'
  | 'sensitive-use'
  | 'dwellings'
  | 'complementary'
  | 'only-whole'
  | 'hourly-not-chosen'
  | 'hourly-delay'

/** What is not published, as the quality report of every version says it. */
export interface Suppression extends LocalDates {
  rule: SuppressionRule
  /** Absent where the building must not be named. */
  site?: string
  fluid?: Fluid
  /**
   * Every figure; some meters in the figures; what is corrected for the climate; the figures by hour; or those of times
   * for which a meter says nothing.
   */
  missing: 'all' | 'meters' | 'corrected' | 'hours' | 'incomplete'
  /** How many it holds for: buildings that are not named, or meters. */
  count?: number
  reason: Text
}

/** Buildings that do not appear: counted, never named. */
export function ofHiddenBuildings(sensitive: number, notOpen: number): Suppression[] {
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

export function ofDwellings(dwellings: readonly FewDwellings[]): Suppression[] {
  return dwellings.map(({ site, fluid, meters, isAll, ...dates }) => ({
    rule: 'dwellings',
    site: site.id,
    fluid,
    ...dates,
    missing: isAll ? 'all' : 'meters',
    count: meters.length,
    reason: {
      fr: `Compteurs qui desservent ensemble moins de ${LEAST_DWELLINGS} logements : leur consommation est une donnée personnelle.`,
      en: `Meters that together serve fewer than ${LEAST_DWELLINGS} dwellings: their consumption is personal data.`,
    },
  }))
}

const COMPUTABLE = {
  fr: 'Avec les autres chiffres publiés, on pourrait en déduire la consommation d’un bâtiment ou de logements qui ne paraissent pas.',
  en: 'With the other published figures, the consumption of a building or of dwellings that do not appear could be computed from it.',
}
const COMPUTABLE_WHERE_INCOMPLETE = {
  fr: 'Là où l’un de ses compteurs ne dit rien, on pourrait déduire de la somme des autres la consommation d’un bâtiment ou de logements qui ne paraissent pas : elle est alors inconnue.',
  en: 'Where one of its meters says nothing, the consumption of a building or of dwellings that do not appear could be computed from the sum of the others: it is unknown then.',
}
const HIDDEN: Record<Aspect, Suppression['missing']> = {
  consumption: 'all',
  heating: 'corrected',
  hours: 'hours',
}

/** What other figures would give away something with. */
export function ofComplement(judged: readonly (Judged & { fluid: Fluid })[]): Suppression[] {
  const found = judged.flatMap((figure): (Suppression & { during: LocalDates })[] => {
    const { site, fluid, during, aspect, hidden, onlyWhole } = figure
    const at = { site: site.id, fluid, during }
    if (hidden) return [{ ...at, rule: 'complementary', missing: HIDDEN[aspect], reason: COMPUTABLE }]
    if (!onlyWhole || aspect === 'heating') return []
    const missing = aspect === 'hours' ? 'hours' : 'incomplete'
    return [{ ...at, rule: 'only-whole', missing, reason: COMPUTABLE_WHERE_INCOMPLETE }]
  })
  const alike = Map.groupBy(found, ({ site, fluid, rule, missing }) => [site, fluid, rule, missing].join(' '))
  return [...alike]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, several]) => {
      const { during: _, ...same } = several[0]!
      return joinDates(several.map(({ during }) => during)).map(dates => ({ ...same, ...dates }))
    })
}

export function ofHours(open: readonly Site[]): Suppression[] {
  const delayed = open.flatMap(({ id, openDataHourly }): Suppression[] => {
    if (!openDataHourly) return []
    const { delayDays } = openDataHourly
    const reason = {
      fr: `Les heures paraissent ${delayDays} jours plus tard, ou aussi tard que celles d’un bâtiment qui partage un compteur.`,
      en: `Hours appear ${delayDays} days later, or as late as those of a building that shares a meter.`,
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
