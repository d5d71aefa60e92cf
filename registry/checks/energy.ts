import type { z } from 'zod'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import type { emissionFactorSchema, zoneSchema } from '../energy-schema.ts'
import type { Path } from '../source.ts'

/** Zones that meters count for, one amount for each energy and year, and the décret tertiaire only for buildings. */
export function* checkEnergy({ territory, sites, ids }: Draft): Iterable<Finding> {
  yield* checkEmissionFactors(territory?.emissionFactors ?? [], ids.sites)
  for (const { value: site, path } of sites) {
    yield* checkZones(site.zones ?? [], [...path, 'zones'], ids.meters)
    yield* onceEach(site.yearly ?? [], [...path, 'yearly'], ({ energy, year }) => `${energy} in ${year}`)
    if (!site.tertiary) continue
    const at = [...path, 'tertiary']
    if (site.kind !== 'building')
      yield { path: at, message: `is for a building, and ${site.id} is a ${site.kind}` }
    yield* onceEach(site.tertiary.vehicleCharging, [...at, 'vehicleCharging'], ({ year }) => String(year))
  }
}

function* checkEmissionFactors(
  factors: readonly z.output<typeof emissionFactorSchema>[],
  sites: ReadonlySet<string> | undefined,
): Iterable<Finding> {
  const told: { energy: string; site: string | undefined }[] = []
  for (const [index, { energy, sites: named = [undefined] }] of factors.entries()) {
    const path = ['territory', 'emissionFactors', index]
    for (const [place, site] of named.entries()) {
      const at = site === undefined ? path : [...path, 'sites', place]
      if (site !== undefined && sites && !sites.has(site))
        yield { path: at, message: `there is no site ${site}` }
      if (told.some(each => each.energy === energy && (each.site ?? site) === (site ?? each.site)))
        yield { path: at, message: `${energy} has another factor${site ? ` for ${site}` : ''} already` }
      told.push({ energy, site })
    }
  }
}

function* checkZones(
  zones: readonly z.output<typeof zoneSchema>[],
  path: Path,
  meters: ReadonlySet<string> | undefined,
): Iterable<Finding> {
  const seen = new Set<string>()
  for (const [index, zone] of zones.entries()) {
    if (seen.has(zone.id))
      yield { path: [...path, index, 'id'], message: `there is another ${zone.id} among the zones` }
    seen.add(zone.id)
    for (const [place, meter] of zone.meters.entries()) {
      if (meters && !meters.has(meter))
        yield { path: [...path, index, 'meters', place], message: `there is no meter ${meter}` }
    }
    yield* onceEach(zone.references, [...path, index, 'references'], ({ meter }) => meter)
    for (const [place, { meter }] of zone.references.entries()) {
      if (!zone.meters.includes(meter))
        yield {
          path: [...path, index, 'references', place, 'meter'],
          message: `${meter} is none of the meters of the zone`,
        }
    }
  }
}

function* onceEach<T>(items: readonly T[], path: Path, nameOf: (item: T) => string): Iterable<Finding> {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const name = nameOf(item)
    if (seen.has(name)) yield { path: [...path, index], message: `${name} has another amount already` }
    seen.add(name)
  }
}
