import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf, groupMeters } from '../model/consumption.ts'
import { formatDecimal } from '../model/decimal.ts'
import type { Fluid } from '../model/fluid.ts'
import { isAlways, joinDates } from '../model/local-dates.ts'
import type { Unit } from '../model/units.ts'
import { isSensitive, mayAppear } from '../registry/may-appear.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import { type Aspect, type Judged, judgeFigures } from './complement.ts'
import { type FewDwellings, findFewDwellings, withoutDwellings } from './dwellings.ts'
import { linkedMeters } from './forms.ts'
import { ofComplement, ofDwellings, ofHiddenBuildings, ofHours, type Suppression } from './suppressions.ts'

/** Consumption of a building that may be published. */
export interface SelectedSeries {
  site: Site
  fluid: Fluid
  unit: Unit
  /** Those that count for it, as in the selection. */
  meters: Meter[]
  /** When nothing of it appears. */
  hidden: readonly LocalDates[]
  /** When nothing of it appears corrected for the climate. */
  correctedHidden: readonly LocalDates[]
  /** When it is known only where each of its meters is. */
  onlyWhole: readonly LocalDates[]
  /** Absent where it does not appear by hour. */
  hourly?: { delayDays: number; hidden: readonly LocalDates[]; onlyWhole: readonly LocalDates[] }
}

/** A figure that is published, as sums of what meters count. To be kept, never to be published. */
export interface PublishedForm extends LocalDates {
  site: string
  fluid: Fluid
  aspect: Aspect
  /**
   * It is the sum of these, each told alone where the others are not known: exact decimals by the meter's id.
   */
  sums: readonly Readonly<Record<string, string>>[]
}

/** What may be published of the consumption of buildings. */
export interface Selection {
  /** Every meter of the registry; those of too few dwellings count for nobody. */
  meters: readonly Meter[]
  /** By the id of the building, then fluid and unit; none that is always hidden. */
  series: readonly SelectedSeries[]
  suppressions: readonly Suppression[]
  /** What is published, as far as anything could be computed from it. */
  published: readonly PublishedForm[]
}

const selections = new WeakMap<object, Selection>()

/** Which consumption of which buildings may be published, and why the rest may not: worked out once for a registry. */
export function selectConsumption(registry: Pick<Registry, 'sites' | 'meters'>): Selection {
  return selections.getOrInsertComputed(registry, () => select(registry))
}

function select({ sites, meters }: Pick<Registry, 'sites' | 'meters'>): Selection {
  const all = [...sites.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const buildings = all.filter(site => site.kind === 'building')
  const open = buildings.filter(mayAppear)
  const closed = all.filter(site => !mayAppear(site))
  const dwellings = findFewDwellings([...meters.values()], open)
  const counted = [...meters.values()].map(meter => withoutDwellings(meter, dwellings))
  const judged = linkedMeters(counted).flatMap(linked => {
    const own = sitesOf(linked).flatMap(id => sites.get(id) ?? [])
    const figures = judgeFigures(
      linked,
      own.filter(site => site.kind === 'building' && mayAppear(site)),
      own.filter(site => !mayAppear(site)),
    )
    // What two buildings share tells of both: by hour not before the later of them.
    const delayDays = Math.max(0, ...figures.map(({ site }) => site.openDataHourly?.delayDays ?? 0))
    return figures.map(figure => ({ ...figure, fluid: linked[0]!.fluid, delayDays }))
  })
  const [metersOf, judgedOf, dwellingsOf] = [
    Map.groupBy(
      counted.flatMap(meter => sitesOf([meter]).map(site => ({ site, meter }))),
      ({ site }) => site,
    ),
    Map.groupBy(judged, ({ site }) => site),
    Map.groupBy(dwellings, ({ site }) => site),
  ]
  const chosen = open.flatMap(site => {
    const own = (metersOf.get(site.id) ?? []).map(({ meter }) => meter)
    return groupMeters(own, site.id).map(group => {
      const ofFluid = ({ fluid }: { fluid: Fluid }) => fluid === group.fluid
      const figures = (judgedOf.get(site) ?? []).filter(ofFluid)
      return selectSeries({ site, ...group }, figures, (dwellingsOf.get(site) ?? []).filter(ofFluid))
    })
  })
  const closedBuildings = closed.filter(site => site.kind === 'building')
  const sensitive = closedBuildings.filter(isSensitive).length
  return {
    meters: counted,
    series: chosen.filter(({ hidden }) => !isAlways(hidden)),
    suppressions: [
      ...ofHiddenBuildings(sensitive, closedBuildings.length - sensitive),
      ...ofDwellings(dwellings),
      ...ofComplement(judged),
      ...ofHours(open),
    ],
    published: judged.filter(({ hidden }) => !hidden).map(describeForm),
  }
}

/** For which sites some meters count at any time, by id. */
function sitesOf(meters: readonly Meter[]): string[] {
  return [...new Set(meters.flatMap(allocationsOf).map(({ site }) => site))]
}

function selectSeries(
  group: Pick<SelectedSeries, 'site' | 'fluid' | 'unit' | 'meters'>,
  judged: readonly (Judged & { delayDays: number })[],
  dwellings: readonly FewDwellings[],
): SelectedSeries {
  const when = (aspect: Aspect, holds: (figure: Judged) => boolean) =>
    joinDates(judged.filter(each => each.aspect === aspect && holds(each)).map(({ during }) => during))
  const hidden = joinDates([
    ...when('consumption', figure => figure.hidden),
    ...dwellings.filter(({ isAll }) => isAll),
  ])
  const hiddenHours = joinDates([...hidden, ...when('hours', figure => figure.hidden)])
  const { openDataHourly } = group.site
  return {
    ...group,
    hidden,
    correctedHidden: joinDates([...hidden, ...when('heating', figure => figure.hidden)]),
    onlyWhole: when('consumption', figure => figure.onlyWhole),
    ...(openDataHourly &&
      !isAlways(hiddenHours) && {
        hourly: {
          delayDays: judged[0]?.delayDays ?? openDataHourly.delayDays,
          hidden: hiddenHours,
          onlyWhole: when('hours', figure => figure.onlyWhole),
        },
      }),
  }
}

function describeForm({ site, fluid, aspect, during, told }: Judged & { fluid: Fluid }): PublishedForm {
  const sums = told.map(form =>
    Object.fromEntries([...form].map(([id, factor]) => [id, formatDecimal(factor)])),
  )
  return { ...during, site: site.id, fluid, aspect, sums }
}
