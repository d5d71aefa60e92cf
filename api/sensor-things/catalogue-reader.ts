import type { Clock } from '../../model/clock.ts'
import { LICENCE_OUVERTE } from '../../model/licence.ts'
import { openStations } from '../../registry/open-roads.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { Publication } from '../open-data/publication.ts'
import { BUILDING_DATASETS, describeBuildings } from './buildings.ts'
import { buildCatalogue, type Catalogue } from './catalogue.ts'
import { COUNTER_DATASETS, describeCounters } from './counters.ts'
import { describeStation } from './stations.ts'

export interface CatalogueSources {
  registry: Registry
  readings: ReadingStore
  publication: Publication
  clock: Clock
}

const DATASETS = [...BUILDING_DATASETS, ...COUNTER_DATASETS]

/** Describes everything that may be published, anew only when the registry has changed or something was published. */
export function createCatalogueReader({ registry, readings, publication, clock }: CatalogueSources) {
  let known: { key: string; catalogue: Promise<Catalogue> } | undefined

  async function describe(): Promise<Catalogue> {
    const { language, publisher, timeZone } = registry.territory
    const sources = {
      ...{ readings, publication, language, timeZone, baseUrl: publication.baseUrl() },
      terms: { license: LICENCE_OUVERTE.url, attribution: publisher.name },
      now: () => clock.now(),
    }
    const stations = openStations(registry).map(station => describeStation(station, sources))
    const published = await Promise.all([describeBuildings(sources), describeCounters(sources)])
    return buildCatalogue([...stations, ...published.flat()])
  }

  /** @throws QueryRefusedError */
  return async (): Promise<Catalogue> => {
    const versions = DATASETS.map(dataset => publication.latest(dataset)?.version.version)
    const key = JSON.stringify([registry.hash, publication.baseUrl(), versions])
    if (known?.key !== key) {
      const catalogue = describe()
      known = { key, catalogue }
      // What failed is tried again.
      catalogue.catch(() => {
        if (known?.catalogue === catalogue) known = undefined
      })
    }
    return known.catalogue
  }
}
