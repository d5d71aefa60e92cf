import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf } from '../model/consumption.ts'
import { toDecimal } from '../model/decimal.ts'
import { cutAt, holdsOn, joinDates } from '../model/local-dates.ts'
import { mayAppear } from '../registry/may-appear.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import { type Aspect, giveAway, holdsFewDwellings, type Secrets, secretsOf } from './complement.ts'
import { type Form, type Forms, linked, linksOf, meterLink, openForms } from './forms.ts'
import { type PublishedForm, selectConsumption } from './selection.ts'

/** What a version tells, as far as anything could be computed from it. To be kept, never to be published. */
export interface PublishedFigures {
  forms: readonly PublishedForm[]
  /** The points of the meters by their ids: a meter that is given another id is known by its point. */
  points: Readonly<Record<string, string>>
}

/** What is published of some aspects by a registry. */
export function publishedFigures(
  registry: Pick<Registry, 'sites' | 'meters'>,
  aspects: readonly Aspect[],
): PublishedFigures {
  const { published } = selectConsumption(registry)
  return {
    forms: published.filter(({ aspect }) => aspects.includes(aspect)),
    points: Object.fromEntries(
      [...registry.meters.values()].flatMap(({ id, point }) => (point ? [[id, point.id]] : [])),
    ),
  }
}

/** Figures whose meters are called as in another registry; what it does not have keeps its name. */
export function renamedFigures(
  { forms, points }: PublishedFigures,
  { meters }: Pick<Registry, 'meters'>,
): PublishedForm[] {
  const byPoint = new Map([...meters.values()].flatMap(({ id, point }) => (point ? [[point.id, id]] : [])))
  const formerByPoint = new Map(Object.entries(points).map(([id, point]) => [point, id]))
  const nameOf = (id: string) => {
    if (meters.get(id)?.point?.id === points[id]) return id
    const found = byPoint.get(points[id] ?? '')
    const isAnothers = (formerByPoint.get(meters.get(id)?.point?.id ?? '') ?? id) !== id
    return found ?? (isAnothers ? `former ${id}` : id)
  }
  return forms.map(form => ({
    ...form,
    sums: form.sums.map(sum =>
      Object.fromEntries(Object.entries(sum).map(([id, factor]) => [nameOf(id), factor])),
    ),
  }))
}

/**
 * Which figures of former versions must no longer be read, and of which dates: those of buildings that no longer appear,
 * and those with which something could be computed that must not be known, from what is published now and the other
 * former figures. Of meters that the registry no longer has nothing can be shown: where something that they may have
 * counted must not be known, they are among them.
 *
 * @param now the registry by which is published now
 * @param former what former versions published, with the meters named as now ({@link renamedFigures}), the newest first:
 *   it is kept before older
 */
export function withdrawnFigures(
  now: Pick<Registry, 'sites' | 'meters'>,
  former: readonly PublishedForm[],
): ReadonlyMap<PublishedForm, LocalDates[]> {
  const { meters, published } = selectConsumption(now)
  const sites = [...now.sites.values()]
  const closed = sites.filter(site => !mayAppear(site))
  const notHourly = sites.filter(site => !mayAppear(site) || !site.openDataHourly)
  const isKnown = (id: string) => now.meters.has(id)
  const [gone, appearing] = [
    former.filter(({ site }) => !appears(now, site)),
    former.filter(({ site }) => appears(now, site)),
  ]
  const found = linkedFigures(meters, published, appearing, isKnown).flatMap(
    ({ meters: own, shown, before }) =>
      cutAt([...own.flatMap(datesOf), ...shown, ...before]).flatMap(stretch => {
        const forms = openForms(own, stretch)
        const told = (figures: readonly PublishedForm[]) =>
          figures.filter(each => holdsOn(each, stretch.from ?? ''))
        const byHour = (figures: readonly PublishedForm[]) =>
          figures.filter(({ aspect }) => aspect === 'hours')
        const secrets = secretsOf(own, forms, closed)
        const withdrawn = givenAway(told(shown), told(before), forms, secrets, isKnown)
        const kept = told(before).filter(each => !withdrawn.includes(each))
        const secretsByHour = secretsOf(own, forms, notHourly)
        withdrawn.push(...givenAway(byHour(told(shown)), byHour(kept), forms, secretsByHour, isKnown))
        return withdrawn.map(form => ({ form, stretch }))
      }),
  )
  const stretches = Map.groupBy(found, ({ form }) => form)
  return new Map([
    ...gone.map((form): [PublishedForm, LocalDates[]] => [form, [{}]]),
    ...[...stretches].map(([form, all]) => [form, joinDates(all.map(({ stretch }) => stretch))] as const),
  ])
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
  isKnown: (meter: string) => boolean,
): LinkedFigures[] {
  const linksOfFigure = (form: PublishedForm) => {
    const named = metersOf(form)
    const { site, fluid } = form
    const counts = (meter: Meter) => allocationsOf(meter).some(allocation => allocation.site === site)
    // It may be any of those that count for the same now.
    const perhaps = named.every(isKnown) ? [] : meters.filter(meter => meter.fluid === fluid && counts(meter))
    return [...named, ...perhaps.map(({ id }) => id)].map(meterLink)
  }
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
  secrets: Secrets,
  isKnown: (meter: string) => boolean,
): PublishedForm[] {
  if (secrets.parts.size === 0) return []
  const isDoubtful = (form: PublishedForm) =>
    !metersOf(form).every(isKnown) || toForms(form).some(each => holdsFewDwellings(each, forms))
  const known = shown.flatMap(toForms)
  return before.filter(form => {
    const next = toForms(form)
    if (isDoubtful(form) || giveAway([...known, ...next], secrets, forms)) return true
    known.push(...next)
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

function metersOf({ sums }: PublishedForm): string[] {
  return [...new Set(sums.flatMap(sum => Object.keys(sum)))]
}

function toForms({ sums }: PublishedForm): Form[] {
  return sums.map(sum => new Map(Object.entries(sum).map(([id, factor]) => [id, toDecimal(factor)])))
}
