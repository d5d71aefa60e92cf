import type { LocalDates } from '../model/calendar.ts'
import { toDecimal } from '../model/decimal.ts'
import type { Meter } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import { LEAST_DWELLINGS } from './dwellings.ts'
import { type Form, type Forms, openForms, stretchesOf } from './forms.ts'
import { type Hidden, isComputable, leaks } from './span.ts'

/**
 * What appears of a building and fluid: its consumption; that of heating, as it follows from what is corrected for the
 * climate; its consumption by hour.
 */
export const ASPECTS = ['consumption', 'heating', 'hours'] as const
export type Aspect = (typeof ASPECTS)[number]

/** A figure that the rules for buildings and meters let appear. */
export interface Figure {
  site: Site
  aspect: Aspect
  during: LocalDates
  /** Of what meters count. */
  form: Form
}

/** What comes of a figure beside all others. */
export interface Judged extends Figure {
  /** With it and those that appear, something could be computed that must not be known. */
  hidden: boolean
  /** So it could where one of its meters says nothing: then it is not known. */
  onlyWhole: boolean
  /** What is told of it: its form, or that of each of its meters where it is told of some of them only. */
  told: readonly Form[]
}

/**
 * Judges every figure of linked meters: as many appear as can without anything being computable that must not be known,
 * those of larger buildings before those of smaller ones. What must not be known counts for a site that does not appear,
 * for nobody in the registry or for fewer than ten dwellings; by hour also for a building that does not appear by hour.
 */
export function judgeFigures(
  meters: readonly Meter[],
  open: readonly Site[],
  closed: readonly Site[],
): Judged[] {
  const byWorth = open.toSorted((a, b) => (b.floorArea ?? 0) - (a.floorArea ?? 0) || (a.id < b.id ? -1 : 1))
  return stretchesOf(meters).flatMap(during => {
    const forms = openForms(meters, during)
    // What heats is told by its own meters, also where one counts within another.
    const heatingForms = openForms(
      meters.filter(({ heating }) => heating),
      during,
    )
    const figures = (aspect: Aspect, sites: readonly Site[]) =>
      sites
        .map(site => {
          const form = (aspect === 'heating' ? heatingForms : forms).consumption(site.id)
          return { site, aspect, during, form }
        })
        .filter(({ form }) => form.size > 0)
    const appearing = (judged: readonly Judged[]) => judged.filter(({ hidden }) => !hidden)
    const sitesOf = (judged: readonly Judged[]) => appearing(judged).map(({ site }) => site)

    const secrets = secretsOf(meters, forms, closed)
    const consumption = judge(figures('consumption', byWorth), [], forms, secrets)
    const shown = appearing(consumption)
    const heating = judge(figures('heating', sitesOf(consumption)), shown, forms, secrets)
    const hourly = sitesOf(consumption).filter(site => site.openDataHourly)
    const notHourly = open.filter(site => !site.openDataHourly)
    const secretsByHour = secretsOf(meters, forms, [...closed, ...notHourly])
    return [...consumption, ...heating, ...judge(figures('hours', hourly), [], forms, secretsByHour)]
  })
}

/** What must not be known. */
export interface Secrets {
  /** No sum of these alone, of fewer than ten dwellings. */
  parts: Hidden
  /** Nor what meters of fewer count, whatever else they count beside. */
  meters: readonly Form[]
}

/** What must not be known where some sites do not appear: what is theirs, nobody's, or of dwellings. */
export function secretsOf(meters: readonly Meter[], forms: Forms, sites: readonly Site[]): Secrets {
  const dwellings = meters.flatMap(({ id }) => {
    const served = forms.dwellings(id)
    return served === undefined ? [] : [[id, served] as const]
  })
  const others = [...sites.map(({ id }) => forms.consumption(id)), ...forms.unallocated()]
  const parts = others.flatMap(form => [...forms.inOwnParts(form).keys()])
  const totals = dwellings.map(([id]) => new Map([[id, toDecimal(1)]]))
  return {
    parts: new Map([...dwellings, ...parts.map(part => [part, 0] as const)]),
    meters: totals.filter(total => holdsFewDwellings(total, forms)),
  }
}

/** Whether something can be computed from sums of what meters count that must not be known. */
export function giveAway(sums: readonly Form[], { parts, meters }: Secrets, forms: Forms): boolean {
  if (parts.size === 0) return false
  return (
    leaks(sums.map(forms.inOwnParts), parts, LEAST_DWELLINGS) || meters.some(each => isComputable(each, sums))
  )
}

/** Whether dwellings are in a sum, whatever else is, and fewer than ten. */
export function holdsFewDwellings(form: Form, forms: Forms): boolean {
  const served = [...forms.inOwnParts(form).keys()].reduce(
    (sum, part) => sum + (forms.dwellings(part) ?? 0),
    0,
  )
  return served > 0 && served < LEAST_DWELLINGS
}

/** @param beside figures that appear already */
function judge(
  figures: readonly Figure[],
  beside: readonly Judged[],
  forms: Forms,
  secrets: Secrets,
): Judged[] {
  const isSafe = (several: readonly Form[]) => !giveAway(several, secrets, forms)
  const appearing = beside.flatMap(({ told }) => told)
  const areSafe = isSafe([...appearing, ...figures.map(({ form }) => form)])
  const judged = figures.map(figure => {
    const safe = !holdsFewDwellings(figure.form, forms) && (areSafe || isSafe([...appearing, figure.form]))
    if (safe) appearing.push(figure.form)
    return { ...figure, hidden: !safe }
  })
  const alone = judged.filter(({ hidden }) => !hidden).flatMap(({ site }) => forms.alone(site.id))
  const onlyWhole = !isSafe(alone) || alone.some(form => holdsFewDwellings(form, forms))
  return judged.map(figure => {
    const isWhole = onlyWhole || figure.aspect === 'heating'
    return { ...figure, onlyWhole, told: isWhole ? [figure.form] : forms.alone(figure.site.id) }
  })
}
