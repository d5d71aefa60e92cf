import type { LocalDates } from '../model/calendar.ts'
import type { Meter } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import { LEAST_DWELLINGS } from './dwellings.ts'
import { type Form, type Forms, openForms, stretchesOf } from './forms.ts'
import { type Hidden, leaks } from './span.ts'

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
}

/**
 * Judges every figure of linked meters: as many appear as can without anything being computable that must not be known,
 * those of larger buildings before those of smaller ones. What must not be known counts for a site that does not appear,
 * or for fewer than ten dwellings; by hour also what counts for a building that does not appear by hour.
 */
export function judgeFigures(
  meters: readonly Meter[],
  open: readonly Site[],
  closed: readonly Site[],
): Judged[] {
  const byWorth = open.toSorted((a, b) => (b.floorArea ?? 0) - (a.floorArea ?? 0) || (a.id < b.id ? -1 : 1))
  return stretchesOf(meters).flatMap(during => {
    const forms = openForms(meters, during)
    const figures = (aspect: Aspect, sites: readonly Site[]) =>
      sites
        .map(site => {
          const counts = (meter: Meter) => aspect !== 'heating' || meter.heating
          return { site, aspect, during, form: forms.consumption(site.id, counts) }
        })
        .filter(({ form }) => form.size > 0)
    const appearing = (judged: readonly Judged[]) => judged.filter(({ hidden }) => !hidden)
    const sitesOf = (judged: readonly Judged[]) => appearing(judged).map(({ site }) => site)

    const hidden = hiddenParts(meters, forms, closed)
    const consumption = judge(figures('consumption', byWorth), [], forms, hidden, meters)
    const shown = appearing(consumption)
    const heating = judge(figures('heating', sitesOf(consumption)), shown, forms, hidden, meters)
    const hourly = sitesOf(consumption).filter(site => site.openDataHourly)
    const notHourly = open.filter(site => !site.openDataHourly)
    const hiddenByHour = hiddenParts(meters, forms, [...closed, ...notHourly])
    return [...consumption, ...heating, ...judge(figures('hours', hourly), [], forms, hiddenByHour, meters)]
  })
}

/** What must not be known where some sites do not appear. */
export function hiddenParts(meters: readonly Meter[], forms: Forms, sites: readonly Site[]): Hidden {
  const dwellings = meters.flatMap(({ id }) => {
    const served = forms.dwellings(id)
    return served === undefined ? [] : [[id, served] as const]
  })
  const parts = sites.flatMap(({ id }) => [...forms.inOwnParts(forms.consumption(id)).keys()])
  return new Map([...dwellings, ...parts.map(part => [part, 0] as const)])
}

/** @param beside figures that appear already */
function judge(
  figures: readonly Figure[],
  beside: readonly Figure[],
  forms: Forms,
  hidden: Hidden,
  meters: readonly Meter[],
): Judged[] {
  const isSafe = (several: readonly Form[]) =>
    hidden.size === 0 || !leaks(several.map(forms.inOwnParts), hidden, LEAST_DWELLINGS)
  const appearing = beside.map(({ form }) => form)
  const areSafe = isSafe([...appearing, ...figures.map(({ form }) => form)])
  const judged = figures.map(figure => {
    const safe = areSafe || isSafe([...appearing, figure.form])
    if (safe) appearing.push(figure.form)
    return { ...figure, hidden: !safe }
  })
  const alone = function* () {
    for (const { site, hidden } of judged)
      if (!hidden) for (const meter of meters) yield forms.consumption(site.id, each => each === meter)
  }
  const onlyWhole = hidden.size > 0 && !isSafe([...alone()].filter(form => form.size > 0))
  return judged.map(figure => ({ ...figure, onlyWhole }))
}
