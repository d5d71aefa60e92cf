import type { LocalDates } from '../model/calendar.ts'
import { toDecimal } from '../model/decimal.ts'
import { cutAt, holdsOn } from '../model/local-dates.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import { hiddenParts } from './complement.ts'
import { LEAST_DWELLINGS } from './dwellings.ts'
import { type Form, type Forms, linked, linksOf, meterLink, openForms } from './forms.ts'
import { mayAppear, type PublishedForm, selectConsumption } from './selection.ts'
import { type Hidden, leaks } from './span.ts'

/** Sites that appeared by a registry and do not by another, among them those that it no longer has; by id. */
export function withdrawnSites(then: Pick<Registry, 'sites'>, now: Pick<Registry, 'sites'>): string[] {
  return [...then.sites.values()]
    .filter(site => mayAppear(site) && !appears(now, site.id))
    .map(({ id }) => id)
    .sort()
}

/**
 * Which figures of former versions must no longer be read: those of buildings that no longer appear, and those with
 * which something could be computed that must not be known, from what is published now and the other former figures.
 *
 * @param now the registry by which is published now
 * @param former what former versions published ({@link selectConsumption}), the newest first: it is kept before older
 */
export function withdrawnFigures(
  now: Pick<Registry, 'sites' | 'meters'>,
  former: readonly PublishedForm[],
): PublishedForm[] {
  const { meters, published } = selectConsumption(now)
  const sites = [...now.sites.values()]
  const closed = sites.filter(site => !mayAppear(site))
  const notHourly = sites.filter(site => !mayAppear(site) || !site.openDataHourly)
  const withdrawn = new Set(former.filter(({ site }) => !appears(now, site)))
  for (const { meters: own, shown, before } of linkedFigures(meters, published, former)) {
    for (const stretch of cutAt([...own.flatMap(datesOf), ...shown, ...before])) {
      const forms = openForms(own, stretch)
      const told = (figures: readonly PublishedForm[]) =>
        figures.filter(each => holdsOn(each, stretch.from ?? '') && !withdrawn.has(each))
      const byHour = (figures: readonly PublishedForm[]) => figures.filter(({ aspect }) => aspect === 'hours')
      const hidden = hiddenParts(own, forms, closed)
      for (const each of givenAway(told(shown), told(before), forms, hidden)) withdrawn.add(each)
      const hiddenByHour = hiddenParts(own, forms, notHourly)
      for (const each of givenAway(byHour(told(shown)), byHour(told(before)), forms, hiddenByHour))
        withdrawn.add(each)
    }
  }
  return former.filter(form => withdrawn.has(form))
}

/** Figures that can be held against each other, and the meters that they are made of. */
interface LinkedFigures {
  meters: Meter[]
  shown: PublishedForm[]
  /** Those of former versions. */
  before: PublishedForm[]
}

function linkedFigures(
  meters: readonly Meter[],
  published: readonly PublishedForm[],
  former: readonly PublishedForm[],
): LinkedFigures[] {
  const linksOfFigure = (form: PublishedForm) => Object.keys(form.meters).map(meterLink)
  const things = [
    ...meters
      .filter(({ reactive }) => !reactive)
      .map(meter => ({ meters: [meter], shown: [], before: [], links: linksOf(meter) })),
    ...published.map(form => ({ meters: [], shown: [form], before: [], links: linksOfFigure(form) })),
    ...former.map(form => ({ meters: [], shown: [], before: [form], links: linksOfFigure(form) })),
  ]
  return linked<LinkedFigures & { links: string[] }>(things, ({ links }) => links)
    .map(group => ({
      meters: group.flatMap(({ meters }) => meters),
      shown: group.flatMap(({ shown }) => shown),
      before: group.flatMap(({ before }) => before),
    }))
    .filter(({ before }) => before.length > 0)
}

/** Which figures of former versions must go, so that nothing hidden can be computed; the first ones stay before later ones. */
function givenAway(
  shown: readonly PublishedForm[],
  before: readonly PublishedForm[],
  forms: Forms,
  hidden: Hidden,
): PublishedForm[] {
  const known = shown.map(form => forms.inOwnParts(toForm(form)))
  return before.filter(form => {
    const next = forms.inOwnParts(toForm(form))
    if (leaks([...known, next], hidden, LEAST_DWELLINGS)) return true
    known.push(next)
    return false
  })
}

function appears({ sites }: Pick<Registry, 'sites'>, id: string): boolean {
  const site = sites.get(id)
  return site !== undefined && mayAppear(site)
}

function datesOf(meter: Meter): readonly LocalDates[] {
  return [...meter.allocations, ...(meter.within ?? [])]
}

function toForm({ meters }: PublishedForm): Form {
  return new Map(Object.entries(meters).map(([id, factor]) => [id, toDecimal(factor)]))
}
