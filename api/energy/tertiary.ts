import { z } from 'zod'
import { namesOf } from '../../energy/factors.ts'
import { TERTIARY_TARGETS, tertiaryPath, tertiaryTargets } from '../../energy/targets.ts'
import { sumOf } from '../../energy/year-account.ts'
import type { Clock } from '../../model/clock.ts'
import { formatCsv } from '../../model/csv.ts'
import { PERIMETERS, TERTIARY_CASES } from '../../registry/energy-schema.ts'
import type { Site } from '../../registry/schema.ts'
import { idParameter, numberOf } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import {
  describeLines,
  factorFields,
  gapSchema,
  lineSchema,
  perArea,
  yearParameter,
} from './account-fields.ts'
import { declarationRows } from './declaration.ts'
import { type AccountSources, openTwoYears, type TwoYears, yearOf } from './year-accounts.ts'

/** What the declaration of a site lacks, beside what its accounts do. */
const DECLARATION_GAPS = ['no-declarant', 'no-buildings', 'no-station'] as const
/** From here on a building of tertiary use comes under the décret (Code de la construction, R. 174-22, checked on 2026-11-27), m². */
const ASSESSED_FROM_M2 = 1000

export type TertiarySite = Site & { tertiary: NonNullable<Site['tertiary']> }

/** A site's year under the décret tertiaire. */
export interface TertiaryYear extends TwoYears<TertiarySite> {
  /** m² of all activities. */
  area: number
  gaps: (typeof DECLARATION_GAPS)[number][]
}

const targetSchema = z.strictObject({
  year: z.int(),
  reduction: z.number(),
  finalEnergy: z.number().nullable().describe('kWh PCI, by the relative method'),
  perSquareMetre: z.number().nullable(),
})
const standingFields = {
  finalEnergy: z.number().nullable().describe('kWh PCI, without what charged vehicles'),
  perSquareMetre: z.number().nullable(),
  targets: z.array(targetSchema),
  path: z
    .number()
    .nullable()
    .describe('kWh PCI of the year on the straight line from the reference to the targets; for steering'),
  change: z.number().nullable().describe('Against the reference: -0.4 is 40 % less'),
  onPath: z.boolean().nullable(),
}
const tertiarySiteSchema = z.strictObject({
  site: z.string(),
  name: z.string(),
  case: z.enum(TERTIARY_CASES),
  perimeter: z.enum(PERIMETERS),
  declarant: z.string().nullable().describe('SIREN or SIRET'),
  buildings: z.array(z.string()),
  station: z.string().nullable(),
  activities: z.array(z.strictObject({ name: z.string(), floorArea: z.number() })),
  floorArea: z.number().describe('m² of all activities'),
  energies: z.array(lineSchema),
  vehicleCharging: z.number().nullable().describe('kWh, not in finalEnergy; null where none is stated'),
  kgCO2e: z.number().nullable(),
  kgCO2ePerSquareMetre: z.number().nullable(),
  reference: z.strictObject({
    year: z.int(),
    energies: z.array(lineSchema),
    finalEnergy: z.number().nullable(),
    perSquareMetre: z.number().nullable(),
  }),
  ...standingFields,
  missing: z.strictObject({
    declaration: z.array(z.enum(DECLARATION_GAPS)),
    year: z.array(gapSchema),
    reference: z.array(gapSchema),
  }),
})

/** The décret tertiaire: the account of a year against each site's reference and targets. For an account only. */
export function addTertiaryRoutes(server: Server, routes: AccountSources & { clock: Clock }): void {
  const { registry, factors, clock } = routes
  const { timeZone } = registry.territory
  const loadYears = openTwoYears(routes)
  const sites = [...registry.sites.values()]
  const factorSet = namesOf(factors)
  const querystring = z.strictObject({ year: yearParameter })

  const yearsOf = async (year: number, asked: readonly Site[] = sites): Promise<TertiaryYear[]> => {
    const years = await loadYears(asked.filter(isTertiary), year, site => site.tertiary.referenceYear)
    return years.map(judge)
  }

  server.get(
    '/v1/energy/tertiary',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary:
          'The décret tertiaire by site: a year, the reference and the targets of the relative method; absolute values and modulation are determined by the national platform',
        querystring: querystring.extend({
          site: idParameter.optional().describe('That one only, if it comes under it'),
        }),
        response: {
          200: z.strictObject({
            year: z.int(),
            official: z.literal(false).describe('Unadjusted: the national platform adjusts'),
            factors: factorFields,
            sites: z.array(tertiarySiteSchema),
            total: z
              .strictObject({
                ...standingFields,
                reference: z.number().nullable(),
                kgCO2e: z.number().nullable(),
                incomplete: z
                  .array(z.string())
                  .describe('Sites of which the year or the reference is not known'),
              })
              .describe('Of these sites; null where one is not known'),
            unassessed: z
              .array(z.strictObject({ site: z.string(), floorArea: z.number().nullable() }))
              .describe('Other buildings of 1,000 m² or more, or of an area that is not known'),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const year = yearOf(query.year, clock.now(), timeZone)
      const asked = query.site === undefined ? sites : [siteOf(registry, query.site)]
      const years = await yearsOf(year, asked)
      return {
        year,
        official: false as const,
        factors: factorSet,
        sites: years.map(each => describe(each, year)),
        total: totalOfSites(years, year),
        unassessed: asked
          .filter(({ kind, tertiary, floorArea }) => {
            return kind === 'building' && !tertiary && (floorArea ?? ASSESSED_FROM_M2) >= ASSESSED_FROM_M2
          })
          .map(({ id, floorArea }) => ({ site: id, floorArea: floorArea ?? null })),
      }
    },
  )

  server.get(
    '/v1/energy/tertiary.csv',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'The declaration under the décret tertiaire, a line for each energy of each site',
        querystring,
        response: { 200: { content: { 'text/csv': { schema: z.any() } } }, ...problems(400, 401) },
      },
    },
    async ({ query }, reply) => {
      const year = yearOf(query.year, clock.now(), timeZone)
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('Content-Disposition', `attachment; filename="declaration-tertiaire-${year}.csv"`)
        .header('Cache-Control', 'no-store')
        .send(formatCsv(declarationRows(year, await yearsOf(year), factors, registry.meters.values())))
    },
  )
}

function isTertiary(site: Site): site is TertiarySite {
  return site.tertiary !== undefined
}

function judge(years: TwoYears<TertiarySite>): TertiaryYear {
  const { activities, declarant, buildings, station } = years.site.tertiary
  return {
    ...years,
    area: activities.reduce((sum, { floorArea }) => sum + floorArea, 0),
    gaps: [
      ...(declarant === undefined ? (['no-declarant'] as const) : []),
      ...(buildings.length === 0 ? (['no-buildings'] as const) : []),
      ...(station === undefined ? (['no-station'] as const) : []),
    ],
  }
}

function describe({ site, area, account, reference, gaps }: TertiaryYear, year: number) {
  const { activities, declarant, station, referenceYear, vehicleCharging, ...declared } = site.tertiary
  const path = pathOf(reference.finalEnergy, referenceYear, year)
  return {
    site: site.id,
    name: site.name,
    case: declared.case,
    perimeter: declared.perimeter,
    declarant: declarant ?? null,
    buildings: declared.buildings,
    station: station ?? null,
    activities,
    floorArea: area,
    energies: describeLines(account),
    vehicleCharging: vehicleCharging.find(each => each.year === year)?.amount ?? null,
    kgCO2e: numberOf(account.kgCO2e),
    kgCO2ePerSquareMetre: perArea(account.kgCO2e, area),
    reference: {
      year: referenceYear,
      energies: describeLines(reference),
      finalEnergy: numberOf(reference.finalEnergy),
      perSquareMetre: perArea(reference.finalEnergy, area),
    },
    ...standing(account.finalEnergy, reference.finalEnergy, path, area),
    missing: { declaration: gaps, year: account.missing, reference: reference.missing },
  }
}

/** Sites have reference years of their own: the path of the whole is the sum of theirs. */
function totalOfSites(years: readonly TertiaryYear[], year: number) {
  const finalEnergy = sumOf(years.map(({ account }) => account.finalEnergy))
  const reference = sumOf(years.map(each => each.reference.finalEnergy))
  const paths = years.map(each => pathOf(each.reference.finalEnergy, each.site.tertiary.referenceYear, year))
  const path = reference === null ? null : paths.reduce<number>((sum, part) => sum + part!, 0)
  const area = years.reduce((sum, each) => sum + each.area, 0)
  return {
    ...standing(finalEnergy, reference, path, area),
    reference: numberOf(reference),
    kgCO2e: numberOf(sumOf(years.map(({ account }) => account.kgCO2e))),
    incomplete: years
      .filter(each => each.account.finalEnergy === null || each.reference.finalEnergy === null)
      .map(({ site }) => site.id),
  }
}

function pathOf(reference: string | null, referenceYear: number, year: number): number | null {
  return reference === null ? null : Number(reference) * tertiaryPath(referenceYear, year)
}

function standing(finalEnergy: string | null, reference: string | null, path: number | null, area: number) {
  const targets = tertiaryTargets(reference)
  const [used, before] = [numberOf(finalEnergy), numberOf(reference)]
  return {
    finalEnergy: used,
    perSquareMetre: perArea(finalEnergy, area),
    targets: TERTIARY_TARGETS.map(({ year, reduction }, i) => ({
      year,
      reduction,
      finalEnergy: numberOf(targets[i]!),
      perSquareMetre: perArea(targets[i]!, area),
    })),
    path,
    change: used === null || !before ? null : used / before - 1,
    onPath: used === null || path === null ? null : used <= path,
  }
}
