import { siteUnit } from '../../model/consumption.ts'
import { type DerivedQuantityName, quantity } from '../../model/quantity.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Unit } from '../../model/units.ts'
import type { Draft } from '../draft.ts'
import type { MeterDocument, Site } from '../schema.ts'
import type { DerivedPoint } from './derived.ts'

/** What looks like waste on a meter; what each says is how much it was in the last days, 0 where there is none. */
export const FINDING_QUANTITIES = [
  'night-flow',
  'continuous-flow',
  'base-load-drift',
  'outside-opening',
  'climate-outside-opening',
] as const satisfies readonly DerivedQuantityName[]
export type FindingQuantityName = (typeof FINDING_QUANTITIES)[number]

export function isFinding(name: string): name is FindingQuantityName {
  return FINDING_QUANTITIES.some(each => each === name)
}

/** What comes and goes with the days: that it was there in the last of them is enough, and it has no beginning. */
export const FITFUL: readonly string[] = [
  'outside-opening',
  'climate-outside-opening',
] satisfies FindingQuantityName[]

/** The points beside a finding: since when it is, in h, and what it costs, in €. */
export const ageOf = (finding: string) => `${finding}-age`
export const costOf = (finding: string) => `${finding}-cost`

/** Of every meter at each site that it counts for. */
export function findingPoints({
  meters,
  sites,
  points,
}: Pick<Draft, 'meters' | 'sites' | 'points'>): DerivedPoint[] {
  const carriers = new Map(
    points.map(({ id, device, definition }) => [id, { site: device.site, ...definition }]),
  )
  const places = new Map(sites.map(({ value }) => [value.id, value]))
  return meters.flatMap(({ value: meter }) => {
    const carrier = meter.point === undefined ? undefined : carriers.get(meter.point)
    const [site, unit] = [carrier?.site ?? meter.site, carrier?.unit ?? meter.unit]
    if (meter.direction === 'export' || meter.reactive || unit === undefined) return []
    const used = new Set(meter.allocations.length > 0 ? meter.allocations.map(({ site }) => site) : [site])
    return [...used].flatMap(id => {
      const place = id === undefined ? undefined : places.get(id)
      return place ? pointsOf(meter, place, siteUnit({ unit, conversions: meter.conversions })) : []
    })
  })
}

function pointsOf(meter: MeterDocument, site: Site, unit: Unit): DerivedPoint[] {
  return kindsOf(meter, site).flatMap(quantityName => {
    const name = `${meter.id}-${quantityName}`
    const point = (name: string, quantityName: DerivedQuantityName, unit?: Unit): DerivedPoint => {
      const { fr, en } = quantity(quantityName).label
      return {
        ...{ site: site.id, name, quantityName, interval: DAY_MS, of: { meter: meter.id } },
        ...(unit && { unit }),
        label: { fr: `${fr} (compteur ${meter.id})`, en: `${en} (meter ${meter.id})` },
      }
    }
    const cost = (meter.tariffs ?? []).length > 0 ? [point(costOf(name), 'finding-cost')] : []
    const age = FITFUL.includes(quantityName) ? [] : [point(ageOf(name), 'finding-age')]
    return [point(name, quantityName, unit), ...age, ...cost]
  })
}

/** As they are looked for. Heating and cooling follow the weather and have no base load; that of water is its night flow. */
function kindsOf({ fluid, heating, cooling }: MeterDocument, { opening }: Site): FindingQuantityName[] {
  const climate = heating || cooling
  const outside = climate ? 'climate-outside-opening' : 'outside-opening'
  const isWater = fluid === 'eau'
  return [
    ...(opening ? ([outside] as const) : []),
    ...(climate || isWater ? [] : (['base-load-drift'] as const)),
    ...(isWater ? (['continuous-flow', 'night-flow'] as const) : []),
  ]
}
