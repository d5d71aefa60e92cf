import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A file that the catalogue names, as it was fetched. */
export interface PublishedFile {
  dataset: string
  url: string
  /** Where its copy is, under the folder. */
  path: string
  /** The document of the schema of its dataset. */
  schema: TableSchema
  /** Whether the file itself claims to be as the schema says. */
  conforms: boolean
}

export interface TableSchema {
  fields: { name: string; type: string }[]
}

interface Distribution {
  'dcat:downloadURL': { '@id': string }
  'dct:conformsTo'?: { '@id': string }
}

interface Catalogue {
  'dcat:dataset': {
    'dct:identifier': string
    'dct:conformsTo': { '@id': string }
    'dcat:distribution': Distribution | Distribution[]
  }[]
}

/** The hub to fetch from, and by which address its catalogue calls it. */
interface Source {
  hubUrl: string
  baseUrl: string
}

/**
 * Fetches what is at an address under the base URL into the same place under the folder.
 * @returns that place, relative to the folder
 */
export async function fetchInto(folder: string, { hubUrl, baseUrl }: Source, url: string): Promise<string> {
  if (!url.startsWith(`${baseUrl}/`)) throw new Error(`${url} is not under ${baseUrl}`)
  const path = url.slice(baseUrl.length + 1)
  const response = await fetch(`${hubUrl}/${path}`)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, Buffer.from(await response.arrayBuffer()))
  return path
}

/** Everything that a catalogue in JSON-LD names, whatever the datasets are, with copies in a folder. */
export async function fetchPublished(
  folder: string,
  source: Source,
  catalogue: Catalogue,
): Promise<PublishedFile[]> {
  const schemas = new Map<string, Promise<TableSchema>>()
  const schemaAt = (url: string) => {
    const known = schemas.get(url) ?? fetchInto(folder, source, url).then(path => readJson(folder, path))
    schemas.set(url, known)
    return known as Promise<TableSchema>
  }
  const files = catalogue['dcat:dataset'].flatMap(dataset =>
    [dataset['dcat:distribution']].flat().map(distribution => ({ dataset, distribution })),
  )
  return Promise.all(
    files.map(async ({ dataset, distribution }) => {
      const url = distribution['dcat:downloadURL']['@id']
      return {
        dataset: dataset['dct:identifier'],
        url,
        path: await fetchInto(folder, source, url),
        schema: await schemaAt(dataset['dct:conformsTo']['@id']),
        conforms: distribution['dct:conformsTo'] !== undefined,
      }
    }),
  )
}

/** The JSON document that was fetched to a path. */
export async function readJson<T>(folder: string, path: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, path), 'utf8'))
}
