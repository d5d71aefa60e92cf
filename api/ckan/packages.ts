import { LICENCE_OUVERTE } from '../../model/licence.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Publication } from '../open-data/publication.ts'

type Publisher = Registry['territory']['publisher']
type Dataset = Publication['datasets'][number]

const LICENCE = {
  license_id: LICENCE_OUVERTE.id,
  license_title: LICENCE_OUVERTE.title,
  license_url: LICENCE_OUVERTE.url,
  isopen: true,
}
/** What a harvester is told of, by the end of the name; the rest says nothing new. */
const FORMATS = [
  ['-tableur.csv', 'CSV'],
  ['.csv', 'CSV'],
  ['.parquet', 'Parquet'],
  ['.jsonl', 'JSONL'],
  ['.geojson', 'GeoJSON'],
] as const

/** The one organization of a hub. */
export const ORGANIZATION = 'territoire'

/** A dataset as CKAN has it: its key is the name. */
export interface Package extends Record<string, unknown> {
  name: string
}

/** A dataset as CKAN has it; undefined while there is nothing of it. */
export function describeDataset(
  publication: Publication,
  publisher: Publisher,
  { id, title, description, keywords }: Dataset,
): Package | undefined {
  const latest = publication.latest(id)
  if (!latest) return undefined
  const { version, publishedAt, files } = latest.version
  const modified = timestamp(publishedAt)
  const resources = files.flatMap(({ name, mediaType, bytes, sha256 }) => {
    const format = FORMATS.find(([suffix]) => name === id + suffix)
    if (!format) return []
    return [
      {
        ...{ id: name, package_id: id, name, format: format[1], mimetype: mediaType.split(';')[0] },
        ...{ url: `${publication.baseUrl()}/open-data/${name}`, size: bytes, state: 'active' },
        ...{ hash: `sha256:${sha256}`, last_modified: modified, created: modified },
      },
    ]
  })
  return {
    ...{ id, name: id, title: title.fr, notes: description.fr, type: 'dataset', state: 'active' },
    ...{ private: false, version: String(version) },
    url: `${publication.baseUrl()}/open-data/datasets/${id}`,
    ...LICENCE,
    ...{ author: publisher.name, author_email: publisher.email },
    ...{ maintainer: publisher.name, maintainer_email: publisher.email },
    metadata_created: timestamp(publication.versions(id)![0]!.version.publishedAt),
    metadata_modified: modified,
    owner_org: ORGANIZATION,
    organization: describeOrganization(publisher),
    tags: keywords.map(name => ({ name, display_name: name, state: 'active' })),
    ...{ num_tags: keywords.length, groups: [], extras: [] },
    ...{ resources, num_resources: resources.length },
  }
}

export function describeOrganization({ name, url }: Publisher): Record<string, unknown> {
  return {
    ...{ id: ORGANIZATION, name: ORGANIZATION, title: name, display_name: name, description: url },
    ...{ type: 'organization', is_organization: true, state: 'active', approval_status: 'approved' },
  }
}

/** CKAN's times are UTC and do not say so. */
function timestamp(instant: string): string {
  return instant.replace('Z', '')
}
