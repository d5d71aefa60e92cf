import type { Cell } from '../../model/row-query.ts'
import { HOUR_MS } from '../../model/time.ts'
import { type Contribution, type DescribedStream, describeThing } from './catalogue.ts'
import type { DescribedSources } from './described-sources.ts'
import { readSeries, type Series, type SeriesTable } from './published-series.ts'
import { readTable } from './published-table.ts'

const MEASURES: SeriesTable = {
  ...{ dataset: 'comptage-measure', keys: ['channel_id', 'counter_id'], interval: HOUR_MS },
  ...{ start: 'start_datetime', end: 'end_datetime', result: 'count', quality: { revision: 'revision' } },
}

export const COUNTER_DATASETS = ['comptage-site', MEASURES.dataset]

/**
 * The traffic counters that are published, with their published counts.
 * @throws QueryRefusedError
 */
export async function describeCounters(sources: DescribedSources): Promise<Contribution[]> {
  const { publication, timeZone } = sources
  const version = publication.latest(MEASURES.dataset)
  const [sites, series] = await Promise.all([
    readTable(publication, 'comptage-site'),
    version ? readSeries(publication, version, MEASURES, timeZone) : [],
  ])
  const ofSite = Map.groupBy(series, ({ keys }) => keys[0]!.split('/')[0]!)
  return sites.map(site => describeCounter(site, ofSite.get(String(site.site_id)) ?? [], sources))
}

function describeCounter(
  site: Record<string, Cell>,
  series: readonly Series[],
  sources: DescribedSources,
): Contribution {
  const { language, baseUrl, terms } = sources
  const [id, name] = [String(site.site_id), String(site.site_name)]
  return describeThing(
    {
      ...{
        id,
        name,
        description: { fr: 'Site de comptage routier', en: 'Site of traffic counts' }[language],
      },
      position: { lon: Number(site.xlong), lat: Number(site.ylat) },
      properties: {
        ...{ kind: 'traffic-counter', municipalityCode: site.fr_insee_code },
        ...{ infrastructure: site.infrastructure_type, dataset: `${baseUrl}/open-data/comptage-site` },
        ...terms,
      },
    },
    series.map(each => describeChannel(id, name, each, sources)),
  )
}

function describeChannel(
  site: string,
  name: string,
  series: Series,
  { language, baseUrl, terms }: DescribedSources,
): DescribedStream {
  const [channel, counter] = series.keys.map(key => key.replaceAll('/', '.')) as [string, string]
  const title = { fr: `${name}, véhicules par heure`, en: `${name}, vehicles by the hour` }[language]
  const label = { fr: 'Nombre de véhicules', en: 'Number of vehicles' }
  const dataset = `${baseUrl}/open-data/${MEASURES.dataset}`
  return {
    stream: series.stream(`${channel}.heure`, site),
    ...{ name: title, description: title, observationType: 'OM_CountObservation' },
    unitOfMeasurement: { name: null, symbol: null, definition: null },
    properties: { channel: series.keys[0], dataset, ...terms },
    sensor: {
      id: counter,
      ...{ name: `${name}, ${counter.split('.')[1]}`, metadata: `${baseUrl}/open-data/comptage-channel` },
      description: { fr: 'Compteur de véhicules', en: 'Counter of vehicles' }[language],
    },
    observedProperty: {
      id: 'nombre-de-vehicules',
      ...{ name: label[language], description: label[language], definition: dataset },
      properties: { labels: label },
    },
  }
}
