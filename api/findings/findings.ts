import { z } from 'zod'
import { leastWaste, rankBy } from '../../energy/waste-ranking.ts'
import type { Clock } from '../../model/clock.ts'
import { MINUTE_MS } from '../../model/time.ts'
import { type Unit, unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { idParameter, instant, instantSchema, rounded, unitFields } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { describeFindings, describeUnknown, findingsSchema, roundedEuros, unknownSchema } from './fields.ts'
import { openSiteFindings, type SiteFinding, type SiteFindings } from './site-findings.ts'
import { type Calendar, calendarFor, daysAsked } from './site-hours.ts'

export interface FindingRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

const spanFields = { from: instantSchema, to: instantSchema }
const TOLD_FOR_MS = 10 * MINUTE_MS
/** Ours: how many spans wait for the one that is looked into; those who ask for more are told to come back. */
const MOST_WAITING = 2
const RETRY_AFTER_S = 30
const wasteDescription =
  'At least: findings may tell of the same use, so that of each meter the greatest counts, and none of climate-outside-opening'
const costSchema = z
  .number()
  .nullable()
  .describe('€ with VAT of what has a price, at least; null where nothing has')
const rankedSchema = z.strictObject({
  site: z.string(),
  name: z.string(),
  amount: z.number().nullable().describe(`In the unit; null by cost. ${wasteDescription}`),
  cost: costSchema,
  findings: findingsSchema,
})

/** Where use looks like waste, and why: of a site, and the sites of the territory that waste most. */
export function addFindingRoutes(server: Server, { registry, figures, clock }: FindingRoutes): void {
  const { timeZone } = registry.territory

  const lookAtAll = openRanking({ registry, figures, clock })

  server.get(
    '/v1/sites/:site/findings',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'Where the use of a site looks like waste, since when, how much, and what it rests on',
        params: z.strictObject({ site: idParameter }),
        querystring: z.strictObject(daysAsked),
        response: {
          200: z.strictObject({
            site: z.string(),
            ...spanFields,
            waste: z
              .array(z.strictObject({ ...unitFields, amount: z.number().describe('In the unit') }))
              .describe(wasteDescription),
            cost: costSchema,
            findings: findingsSchema,
            unknown: unknownSchema,
          }),
          ...problems(400, 401, 404),
        },
      },
    },
    async ({ params, query }) => {
      const site = registry.sites.get(params.site)
      if (!site) throw new Problem(404, `There is no site ${params.site}; /v1/sites lists them.`)
      const calendar = calendarFor(query, clock.now(), timeZone)
      const told = await openSiteFindings({ registry, figures }, calendar)(site)
      return {
        site: site.id,
        from: instant(calendar.from),
        to: instant(calendar.end),
        waste: unitsOf([told]).map(unit => ({
          unit,
          unitLabel: unitLabel(unit),
          amount: rounded(amountOf(told, unit)),
        })),
        cost: costOf(told),
        findings: describeFindings(told.found, timeZone),
        unknown: describeUnknown([told]),
      }
    },
  )

  server.get(
    '/v1/findings',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'The sites that waste most and why, by unit and by cost',
        querystring: z.strictObject({
          ...daysAsked,
          limit: z.coerce.number().int().min(1).max(1000).default(10).describe('Sites in each ranking'),
        }),
        response: {
          200: z.strictObject({
            ...spanFields,
            byAmount: z.array(z.strictObject({ ...unitFields, sites: z.array(rankedSchema) })),
            byCost: z.array(rankedSchema),
            unknown: unknownSchema,
          }),
          ...problems(400, 401, 503),
        },
      },
    },
    async ({ query }) => {
      const calendar = calendarFor(query, clock.now(), timeZone)
      const isDefault = query.from === undefined && query.to === undefined
      const told = await lookAtAll(calendar, isDefault)
      const shown = (each: SiteFindings, amount: number | null, found: SiteFinding[]) => ({
        site: each.site.id,
        name: each.site.name,
        amount,
        cost: costOf({ ...each, found }),
        findings: describeFindings(found, timeZone),
      })
      return {
        from: instant(calendar.from),
        to: instant(calendar.end),
        byAmount: unitsOf(told).map(unit => ({
          unit,
          unitLabel: unitLabel(unit),
          sites: rankBy(told, each => amountOf(each, unit), query.limit).map(each =>
            shown(
              each,
              rounded(amountOf(each, unit)),
              each.found.filter(finding => finding.unit === unit),
            ),
          ),
        })),
        byCost: rankBy(told, each => costOf(each) ?? 0, query.limit).map(each =>
          shown(each, null, each.found),
        ),
        unknown: describeUnknown(told),
      }
    },
  )
}

/**
 * Makes the function that looks at all sites: one span after another, since it takes the figures of all meters. What was
 * found is told for ten minutes: of the days that are looked into by default, which are never refused, and beside them
 * of the span that was asked for last.
 */
function openRanking({ registry, figures, clock }: FindingRoutes) {
  const kept = new Map<'default' | 'asked', { span: string; until: number; told: Promise<SiteFindings[]> }>()
  /** Those that wait and the one that is looked into. */
  const open = new Map<string, Promise<SiteFindings[]>>()
  let before: Promise<unknown> = Promise.resolve()

  const look = async (calendar: Calendar) => {
    const findingsOf = openSiteFindings({ registry, figures }, calendar)
    const told: SiteFindings[] = []
    for (const site of registry.sites.values()) told.push(await findingsOf(site))
    return told
  }
  const keptOf = (span: string) =>
    [...kept.values()].find(each => each.span === span && clock.now() < each.until)?.told

  return (calendar: Calendar, isDefault: boolean): Promise<SiteFindings[]> => {
    const span = `${calendar.from} ${calendar.end}`
    const known = open.get(span) ?? keptOf(span)
    if (known) return known
    if (!isDefault && open.size > MOST_WAITING) {
      const detail = 'Other spans are being looked into; try again, or ask for the default days.'
      throw new Problem(503, detail, { 'Retry-After': `${RETRY_AFTER_S}` })
    }
    const until = clock.now() + TOLD_FOR_MS
    const told = before.then(() => look(calendar))
    open.set(span, told)
    before = told
      .then(() => kept.set(isDefault ? 'default' : 'asked', { span, until, told }))
      .catch(() => undefined)
      .finally(() => open.delete(span))
    return told
  }
}

function unitsOf(sites: readonly SiteFindings[]): Unit[] {
  return [...new Set(sites.flatMap(site => wasteOf(site).map(({ unit }) => unit)))].sort()
}

/** Not what heats and cools outside opening, of which nobody knows how much is needed to keep a building from cold. */
function wasteOf({ found }: SiteFindings): SiteFinding[] {
  return found.filter(({ figures }) => figures.kind !== 'climate-outside-opening')
}

/** What a site wastes of a unit at least. */
function amountOf(site: SiteFindings, unit: Unit): number {
  const weighed = wasteOf(site)
    .filter(finding => finding.unit === unit)
    .map(finding => ({ meters: finding.meters, value: finding.amount }))
  return leastWaste(
    weighed,
    site.meters.filter(meter => meter.unit === unit),
  )
}

/** € of what has a price, whatever it is counted in; null where nothing has. */
function costOf(site: SiteFindings): number | null {
  const weighed = wasteOf(site).flatMap(({ meters, cost }) =>
    cost === undefined ? [] : [{ meters, value: cost }],
  )
  return weighed.length === 0 ? null : roundedEuros(leastWaste(weighed, site.meters))
}
