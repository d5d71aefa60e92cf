import { z } from 'zod'
import { namesOf } from '../../energy/factors.ts'
import { PUBLIC_BODY_BASE_YEAR, publicBodyShare, shareOf } from '../../energy/targets.ts'
import { sumOf } from '../../energy/year-account.ts'
import type { Clock } from '../../model/clock.ts'
import { formatCsv } from '../../model/csv.ts'
import { SITE_KINDS } from '../../model/site-kind.ts'
import type { Site } from '../../registry/schema.ts'
import { numberOf } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import {
  describeLines,
  factorFields,
  gapSchema,
  gapText,
  lineSchema,
  perArea,
  yearParameter,
} from './account-fields.ts'
import { type AccountSources, openTwoYears, type TwoYears, yearOf } from './year-accounts.ts'

/** The inventory holds the buildings above this, m². */
const INVENTORY_ABOVE_M2 = 250

const siteSchema = z.strictObject({
  site: z.string(),
  name: z.string(),
  kind: z.enum(SITE_KINDS),
  floorArea: z.number().nullable(),
  inventory: z.boolean().nullable().describe('A building above 250 m²; null where the area is not known'),
  energies: z.array(lineSchema),
  finalEnergy: z.number().nullable().describe('kWh PCI, without what charged vehicles'),
  perSquareMetre: z.number().nullable(),
  base: z.number().nullable().describe('kWh PCI of 2021'),
  missing: z.strictObject({
    area: z.boolean().describe('The floor area of a building'),
    year: z.array(gapSchema),
    base: z.array(gapSchema),
  }),
})

/** A public body's final energy (Code de l'énergie, L. 235-2): its sites, and 1.9 % less of 2021 each year. */
export function addPublicBodyRoutes(server: Server, routes: AccountSources & { clock: Clock }): void {
  const { registry, factors, clock } = routes
  const { timeZone } = registry.territory
  const loadYears = openTwoYears(routes)
  const querystring = z.strictObject({ year: yearParameter })

  const yearsOf = async (year: number): Promise<TwoYears[]> => {
    const years = await loadYears(registry.sites.values(), year, () => PUBLIC_BODY_BASE_YEAR)
    return years.filter(
      ({ site, account, reference }) =>
        site.kind === 'building' || account.lines.length > 0 || reference.lines.length > 0,
    )
  }

  server.get(
    '/v1/energy/public-body',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary:
          'Final energy of a public body against 2021, and the inventory of its buildings above 250 m²',
        querystring,
        response: {
          200: z.strictObject({
            year: z.int(),
            factors: factorFields,
            sites: z.array(siteSchema).describe('Every building, and every other site that uses energy'),
            total: z.strictObject({
              finalEnergy: z.number().nullable().describe('kWh PCI; null where that of a site is'),
              base: z.number().nullable().describe('kWh PCI of 2021'),
              target: z.number().nullable().describe('kWh PCI: 2021 less 1.9 % of it each year'),
              change: z.number().nullable().describe('Against 2021: -0.019 is 1.9 % less'),
              reached: z.boolean().nullable(),
              incomplete: z.array(z.string()).describe('Sites of which the year or 2021 is not known'),
            }),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const year = yearOf(query.year, clock.now(), timeZone)
      const years = await yearsOf(year)
      return {
        year,
        factors: namesOf(factors),
        sites: years.map(describe),
        total: totalOfBody(years, year),
      }
    },
  )

  server.get(
    '/v1/energy/public-body.csv',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'The inventory of buildings above 250 m² and what else uses energy, a line for each site',
        querystring,
        response: { 200: { content: { 'text/csv': { schema: z.any() } } }, ...problems(400, 401) },
      },
    },
    async ({ query }, reply) => {
      const year = yearOf(query.year, clock.now(), timeZone)
      const facteurs = [factors, factors.transportFuels].map(set => `${set.name}, ${set.version}`).join(' + ')
      const rows = (await yearsOf(year)).map(each => [String(year), ...cellsOf(each), facteurs])
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('Content-Disposition', `attachment; filename="inventaire-energie-${year}.csv"`)
        .header('Cache-Control', 'no-store')
        .send(formatCsv([COLUMNS, ...rows]))
    },
  )
}

function describe({ site, account, reference: base }: TwoYears): z.output<typeof siteSchema> {
  return {
    site: site.id,
    name: site.name,
    kind: site.kind,
    floorArea: site.floorArea ?? null,
    inventory: isInInventory(site),
    energies: describeLines(account),
    finalEnergy: numberOf(account.finalEnergy),
    perSquareMetre: perArea(account.finalEnergy, site.floorArea),
    base: numberOf(base.finalEnergy),
    missing: { area: isInInventory(site) === null, year: account.missing, base: base.missing },
  }
}

function isInInventory({ kind, floorArea }: Site): boolean | null {
  if (kind !== 'building') return false
  return floorArea === undefined ? null : floorArea > INVENTORY_ABOVE_M2
}

function totalOfBody(years: readonly TwoYears[], year: number) {
  const finalEnergy = numberOf(sumOf(years.map(({ account }) => account.finalEnergy)))
  const exactBase = sumOf(years.map(each => each.reference.finalEnergy))
  const base = numberOf(exactBase)
  const target = exactBase === null ? null : Number(shareOf(exactBase, publicBodyShare(year)))
  return {
    finalEnergy,
    base,
    target,
    change: finalEnergy === null || !base ? null : finalEnergy / base - 1,
    reached: finalEnergy === null || target === null ? null : finalEnergy <= target,
    incomplete: years
      .filter(each => each.account.finalEnergy === null || each.reference.finalEnergy === null)
      .map(({ site }) => site.id),
  }
}

/** The columns of the inventory, in their order; docs/facility-managers.md says what each holds. */
const COLUMNS = [
  'annee',
  'site',
  'nom',
  'genre',
  'code_commune',
  'rnb',
  'surface_m2',
  'inventaire',
  'kwh_pci',
  'kwh_pci_m2',
  'kwh_pci_2021',
  'manque',
  'facteurs',
]

function cellsOf({ site, account, reference: base }: TwoYears): string[] {
  const inInventory = isInInventory(site)
  const perSquareMetre = perArea(account.finalEnergy, site.floorArea)
  return [
    site.id,
    site.name,
    site.kind,
    site.commune,
    site.rnb ?? '',
    String(site.floorArea ?? ''),
    inInventory === null ? '' : inInventory ? 'oui' : 'non',
    account.finalEnergy ?? '',
    perSquareMetre === null ? '' : perSquareMetre.toFixed(2),
    base.finalEnergy ?? '',
    [
      ...(inInventory === null ? ['no-area'] : []),
      ...account.missing.map(gapText),
      ...base.missing.map(gap => `${PUBLIC_BODY_BASE_YEAR}:${gapText(gap)}`),
    ].join(', '),
  ]
}
