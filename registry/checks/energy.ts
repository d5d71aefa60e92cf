import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import type { Path } from '../source.ts'

/** One amount for each energy and year of a site, and the décret tertiaire only for buildings. */
export function* checkEnergy({ sites }: Draft): Iterable<Finding> {
  for (const { value: site, path } of sites) {
    yield* onceEach(site.yearly ?? [], [...path, 'yearly'], ({ energy, year }) => `${energy} in ${year}`)
    if (!site.tertiary) continue
    const at = [...path, 'tertiary']
    if (site.kind !== 'building')
      yield { path: at, message: `is for a building, and ${site.id} is a ${site.kind}` }
    yield* onceEach(site.tertiary.vehicleCharging, [...at, 'vehicleCharging'], ({ year }) => String(year))
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
