import type { LocalDates } from '../model/calendar.ts'
import { toDecimal } from '../model/decimal.ts'
import { cutAt, holdsOn } from '../model/local-dates.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import { hiddenParts } from './complement.ts'
import { LEAST_DWELLINGS } from './dwellings.ts'
import { type Form, linked, linksOf, meterLink, openForms } from './forms.ts'
import { mayAppear, type PublishedForm, selectConsumption } from './selection.ts'
import { leaks } from './span.ts'

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
  const things = [
    ...meters.filter(({ reactive }) => !reactive).map(meter => ({ meter })),
    ...published.map(form => ({ form })),
    ...former.filter(form => !withdrawn.has(form)).map(form => ({ form, isFormer: true })),
  ]
  const groups = linked<{ meter?: Meter; form?: PublishedForm; isFormer?: boolean }>(
    things,
    ({ meter, form }) => (meter ? linksOf(meter) : Object.keys(form!.meters).map(meterLink)),
  )
  for (const group of groups.filter(things => things.some(({ isFormer }) => isFormer))) {
    const own = group.flatMap(({ meter }) => meter ?? [])
    const shown = group.flatMap(({ form, isFormer }) => (form && !isFormer ? [form] : []))
    const shownBefore = group.flatMap(({ form, isFormer }) => (form && isFormer ? [form] : []))
    for (const stretch of cutAt([...own.flatMap(datesOf), ...shown, ...shownBefore])) {
      const on = (forms: readonly PublishedForm[]) => forms.filter(each => holdsOn(each, stretch.from ?? ''))
      const forms = openForms(own, stretch)
      const toParts = (form: PublishedForm) => forms.inOwnParts(toForm(form))
      for (const [byHour, hiddenSites] of [
        [false, closed],
        [true, notHourly],
      ] as const) {
        const hidden = hiddenParts(own, forms, hiddenSites)
        const relevant = (all: readonly PublishedForm[]) =>
          on(all).filter(form => !withdrawn.has(form) && (!byHour || form.aspect === 'hours'))
        const appearing = relevant(shown).map(toParts)
        for (const form of relevant(shownBefore)) {
          const next = [...appearing, toParts(form)]
          if (leaks(next, hidden, LEAST_DWELLINGS)) withdrawn.add(form)
          else appearing.push(next.at(-1)!)
        }
      }
    }
  }
  return former.filter(form => withdrawn.has(form))
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
