import type { Publication } from '../../api/open-data/publication.ts'
import type { Sources } from '../../publication/dataset.ts'
import { createPublication } from '../../publication/publication.ts'
import { openPublished } from '../../publication/published.ts'
import { createQueries } from '../../publication/query/queries.ts'
import type { Meter, Registry } from '../../registry/registry.ts'

/** What rows are made of where nothing was read and no alert fired. */
export function sourcesOf(figures: Sources['figures'], more: Partial<Sources> = {}): Sources {
  return {
    figures,
    readings: { aggregate: async () => [], series: async () => [] },
    records: { alertLives: () => [] },
    excluded: { exclusions: async () => [] },
    climate: { officialStation: async () => undefined },
    ...more,
  }
}

/** A share of a meter of which a hidden site, or nobody, has another is not published: here nobody shares. */
export function withoutShares(registry: Registry): Registry {
  const isOpen = ({ site }: { site: string }) => registry.sites.get(site)?.openData
  const wholly = ({ allocations }: Meter) =>
    allocations.filter(isOpen).map(allocation => ({ ...allocation, share: 1 }))
  const meters = [...registry.meters].map(
    ([id, meter]) => [id, { ...meter, allocations: wholly(meter) }] as const,
  )
  return { ...registry, meters: new Map(meters) }
}

/** What is told of a folder of published versions. */
export function publicationIn(
  folder: string,
  registry: Registry,
  baseUrl = 'https://hub.example',
  dueAt: (checkedAt: number | undefined) => number | undefined = () => undefined,
): Publication & { close(): Promise<void> } {
  const queries = createQueries()
  const publication = createPublication({
    ...{ registry, folder, queries, published: openPublished(folder) },
    baseUrl: () => baseUrl,
    dueAt,
  })
  return { ...publication, close: queries.close }
}

/** A publication with one file, `fluides.csv`, whose bytes are at these places. */
export function publicationOf(
  publication: Publication,
  parts: readonly { path: string; bytes: number }[],
): Publication {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const file = { name: 'fluides.csv', mediaType: 'text/csv', bytes, sha256: '0'.repeat(64) }
  const version = {
    ...{ dataset: 'fluides', version: 1, publishedAt: '2026-11-01T00:00:00.000Z', software: '0.0.0' },
    ...{ schema: '1.1.0', registry: '', since: null, rows: 1, period: null, files: [file] },
    changes: { added: 1, revised: 0, withdrawn: 0 },
  }
  return {
    ...publication,
    latest: () => ({ version, text: JSON.stringify(version) }),
    file: (_, name) =>
      name === file.name ? { file, parts: [...parts], publishedAt: version.publishedAt } : undefined,
  }
}
