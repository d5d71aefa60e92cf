import { LICENCE_OUVERTE } from '../model/licence.ts'
import type { Territory } from '../registry/schema.ts'
import type { ToldDataset } from './catalogue.ts'
import { CSV } from './formats.ts'
import { schemaPath } from './table-schema.ts'

/** Versions as a Data Package (https://specs.frictionlessdata.io/data-package/): the CSV file of each. */
export function describePackage(
  { name: territory, publisher }: Territory,
  {
    name,
    title,
    told,
  }: { name: string; title: string; told: readonly Pick<ToldDataset, 'dataset' | 'version'>[] },
  baseUrl: string,
): Record<string, unknown> {
  return {
    profile: 'tabular-data-package',
    name,
    title: `${title} – ${territory.fr}`,
    homepage: publisher.url,
    licenses: [
      {
        name: LICENCE_OUVERTE.id,
        path: LICENCE_OUVERTE.url,
        title: LICENCE_OUVERTE.title,
      },
    ],
    contributors: [{ title: publisher.name, path: publisher.url, email: publisher.email, role: 'publisher' }],
    resources: told.map(({ dataset, version }) => {
      const file = version.files.find(each => each.name === dataset.id + CSV.suffix)!
      return {
        profile: 'tabular-data-resource',
        name: dataset.id,
        title: dataset.title.fr,
        description: dataset.description.fr,
        path: `${baseUrl}/open-data/${dataset.id}/versions/${version.version}/${file.name}`,
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        bytes: file.bytes,
        hash: `sha256:${file.sha256}`,
        schema: baseUrl + schemaPath(dataset.schema.id, version.schema),
      }
    }),
  }
}
