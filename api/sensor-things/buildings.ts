import { FLUIDS, type Fluid } from '../../model/fluid.ts'
import type { Cell } from '../../model/row-query.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { unitOfLabel } from '../../model/units.ts'
import { type Contribution, type DescribedStream, describeThing } from './catalogue.ts'
import type { DescribedSources } from './described-sources.ts'
import { readSeries, type Series, type SeriesTable } from './published-series.ts'
import { readTable } from './published-table.ts'
import { describeUnit } from './units.ts'

type Text = { fr: string; en: string }

const FLUID_LABELS: Record<Fluid, Text> = {
  electricite: { fr: 'Consommation d’électricité', en: 'Electricity consumption' },
  gaz: { fr: 'Consommation de gaz', en: 'Gas consumption' },
  eau: { fr: 'Consommation d’eau', en: 'Water consumption' },
  chaleur: { fr: 'Consommation de chaleur', en: 'Heat consumption' },
  froid: { fr: 'Consommation de froid', en: 'Cooling consumption' },
}

/** Published consumption, by the names that its periods have in ids. */
const GRAINS: Record<string, { dataset: string; interval: number; label: Text }> = {
  heure: { dataset: 'fluides-heure', interval: HOUR_MS, label: { fr: 'par heure', en: 'by hour' } },
  jour: { dataset: 'fluides-jour', interval: DAY_MS, label: { fr: 'par jour', en: 'by day' } },
  mois: { dataset: 'fluides', interval: 30 * DAY_MS, label: { fr: 'par mois', en: 'by month' } },
  annee: { dataset: 'fluides-annee', interval: 365 * DAY_MS, label: { fr: 'par an', en: 'by year' } },
}

const COLUMNS = {
  keys: ['id_batiment', 'fluide', 'unite'],
  ...{ start: 'debut', end: 'fin', result: 'consommation' },
  quality: {
    ...{ quality: 'qualite', coverage: 'couverture' },
    ...{ estimatedShare: 'part_estimee', revision: 'revision' },
  },
} satisfies Partial<SeriesTable>

export const BUILDING_DATASETS = ['batiments', ...Object.values(GRAINS).map(({ dataset }) => dataset)]

/**
 * The buildings that are published, with what is published of their consumption, and nothing else.
 * @throws QueryRefusedError
 */
export async function describeBuildings(sources: DescribedSources): Promise<Contribution[]> {
  const { publication, timeZone } = sources
  const buildings = await readTable(publication, 'batiments')
  const streams = await Promise.all(
    Object.entries(GRAINS).map(async ([grain, { dataset, interval }]) => {
      const version = publication.latest(dataset)
      if (!version) return []
      const series = await readSeries(publication, version, { ...COLUMNS, dataset, interval }, timeZone)
      return series.map(each => ({ grain, series: each }))
    }),
  )
  const ofBuilding = Map.groupBy(streams.flat(), ({ series }) => series.keys[0]!)
  return buildings.map(building => {
    const own = ofBuilding.get(String(building.id_batiment)) ?? []
    return describeBuilding(building, own, sources)
  })
}

function describeBuilding(
  building: Record<string, Cell>,
  series: readonly { grain: string; series: Series }[],
  sources: DescribedSources,
): Contribution {
  const { language, baseUrl, terms } = sources
  const [id, name] = [String(building.id_batiment), String(building.nom_batiment)]
  return describeThing(
    {
      ...{ id, name, description: { fr: 'Bâtiment public', en: 'Public building' }[language] },
      position: { lon: Number(building.longitude), lat: Number(building.latitude) },
      properties: {
        ...{ kind: 'building', municipalityCode: building.code_commune },
        ...{ use: building.usage, rnb: building.id_rnb, address: building.adresse },
        ...{ floorArea: building.surface, dataset: `${baseUrl}/open-data/batiments`, ...terms },
      },
    },
    series.map(({ grain, series }) => describeSeries(id, name, grain, series, sources)),
  )
}

function describeSeries(
  building: string,
  name: string,
  grain: string,
  series: Series,
  { language, baseUrl, terms }: DescribedSources,
): DescribedStream {
  const [, fluid, unitLabel] = series.keys as [string, Fluid, string]
  const unit = unitOfLabel(unitLabel)
  const label = FLUIDS.includes(fluid) ? FLUID_LABELS[fluid] : { fr: fluid, en: fluid }
  const { dataset, label: period } = GRAINS[grain]!
  const title = `${name}, ${label[language]} ${period[language]}`
  return {
    stream: series.stream(`${building}.${fluid}.${unitLabel}.${grain}`, building),
    ...{ name: title, description: title, observationType: 'OM_Measurement' },
    unitOfMeasurement: unit ? describeUnit(unit) : { name: unitLabel, symbol: unitLabel, definition: null },
    properties: { ucum: unit ?? null, dataset: `${baseUrl}/open-data/${dataset}`, ...terms },
    sensor: {
      id: `${building}.compteurs`,
      name: `${name}, ${{ fr: 'compteurs', en: 'meters' }[language]}`,
      description: {
        fr: 'Calcul à partir des index des compteurs, tel que publié',
        en: 'Worked out from the indexes of meters, as published',
      }[language],
      metadata: `${baseUrl}/open-data/fluides`,
    },
    observedProperty: {
      id: `consommation-${fluid}`,
      ...{ name: label[language], description: label[language] },
      ...{ definition: `${baseUrl}/open-data/fluides`, properties: { labels: label } },
    },
  }
}
