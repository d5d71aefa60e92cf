import { createHash } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import type { Registry } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import { describeCatalogue, type PublishedFile } from './catalogue.ts'
import { type FluidSeries, fluidSeries, fluidsCsv, type PublishedPeriod } from './fluids.ts'
import { FLUIDES_SCHEMA, FLUIDES_VERSION } from './schemas/fluides.ts'

/** The open data of a territory, made from its figures as they are at the time of asking. */
export interface Publication {
  /** Consumption by building and fluid as CSV (UTF-8, no BOM), in chunks of whole records. */
  fluidesCsv(period: PublishedPeriod): AsyncIterable<string>
  /** The DCAT catalogue as a JSON-LD object. */
  catalogue(): Promise<Record<string, unknown>>
  /** The Table Schema of a dataset, with its address as `path`; undefined for an unknown one. */
  tableSchema(dataset: string, version: string): Record<string, unknown> | undefined
}

const SCHEMA_PATH = `/open-data/schemas/fluides/${FLUIDES_VERSION}/schema.json`

const FLUIDS_OF_PUBLIC_BUILDINGS =
  'La consommation est calculée à partir des index des compteurs : les index écartés et les lacunes ne deviennent jamais des zéros, et la colonne « couverture » dit quelle part de la période est réellement mesurée.'

const FILES = [
  {
    id: 'fluides',
    period: 'month',
    title: 'Consommation mensuelle de fluides des bâtiments publics',
    description: `Consommation mensuelle d’électricité, de gaz, d’eau, de chaleur et de froid de chaque bâtiment public. ${FLUIDS_OF_PUBLIC_BUILDINGS}`,
    frequency: 'MONTHLY',
    path: '/open-data/fluides.csv',
  },
  {
    id: 'fluides-jour',
    period: 'day',
    title: 'Consommation quotidienne de fluides des bâtiments publics',
    description: `Consommation quotidienne d’électricité, de gaz, d’eau, de chaleur et de froid de chaque bâtiment public. ${FLUIDS_OF_PUBLIC_BUILDINGS}`,
    frequency: 'DAILY',
    path: '/open-data/fluides-jour.csv',
  },
] as const

const KEYWORDS = ['énergie', 'eau', 'électricité', 'gaz', 'chaleur', 'consommation', 'bâtiments publics']

/** @param baseUrl how the public reaches this hub, without a slash at the end; asked when something is published */
export function createPublication({
  registry,
  figures,
  clock,
  baseUrl,
}: {
  registry: Registry
  figures: FigureStore
  clock: Clock
  baseUrl(): string
}): Publication {
  const { territory } = registry

  async function describeFile({ period, ...file }: (typeof FILES)[number]): Promise<PublishedFile> {
    const hash = createHash('sha256')
    let bytes = 0
    let extent: PublishedFile['extent']
    async function* observed(series: AsyncIterable<FluidSeries>) {
      for await (const one of series) {
        extent = widen(extent, one)
        yield one
      }
    }
    const series = observed(fluidSeries(registry, figures, period, clock.now()))
    for await (const chunk of fluidsCsv(series, territory.timeZone)) {
      hash.update(chunk)
      bytes += Buffer.byteLength(chunk)
    }
    return { ...file, keywords: KEYWORDS, schemaPath: SCHEMA_PATH, bytes, sha256: hash.digest('hex'), extent }
  }

  return {
    fluidesCsv: period => fluidsCsv(fluidSeries(registry, figures, period, clock.now()), territory.timeZone),
    async catalogue() {
      const files: PublishedFile[] = []
      for (const file of FILES) files.push(await describeFile(file))
      return describeCatalogue(territory, files, baseUrl())
    },
    tableSchema: (dataset, version) =>
      dataset === 'fluides' && version === FLUIDES_VERSION
        ? { ...FLUIDES_SCHEMA, path: baseUrl() + SCHEMA_PATH }
        : undefined,
  }
}

function widen(extent: PublishedFile['extent'], { periods }: FluidSeries): PublishedFile['extent'] {
  const first = periods[0]!
  const last = periods.at(-1)!
  return {
    start: Math.min(extent?.start ?? first.start, first.start),
    firstEnd: Math.min(extent?.firstEnd ?? first.end, first.end),
    end: Math.max(extent?.end ?? last.end, last.end),
  }
}
