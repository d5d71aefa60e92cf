import { openStations } from '../registry/open-roads.ts'
import type { Registry } from '../registry/registry.ts'
import type { Text } from '../registry/schema.ts'
import type { Dataset } from './dataset.ts'

/** Something that answers requests about open data, as the catalogue tells of it. */
export interface DataService {
  id: string
  title: Text
  description: Text
  /** Of the addresses that it answers, behind the public base URL. */
  path: string
  serves(dataset: Dataset): boolean
}

/** What a hub answers of the open data of a registry. */
export function dataServices(registry: Registry): DataService[] {
  const ofRoads = openStations(registry).length > 0 ? [ROAD_WEATHER, DATEX2] : []
  return [ROWS, CHANGES, EXPLORE, SENSOR_THINGS, ...ofRoads]
}

const ROWS: DataService = {
  id: 'lignes',
  title: { fr: 'Lignes des jeux de données', en: 'Rows of the datasets' },
  description: {
    fr: 'Les lignes d’un jeu de données qui répondent à des conditions sur ses colonnes, page par page : /open-data/<jeu>/rows.',
    en: 'The rows of a dataset that meet conditions on its columns, page by page: /open-data/<dataset>/rows.',
  },
  path: '/open-data',
  serves: () => true,
}

const CHANGES: DataService = {
  id: 'changements',
  title: { fr: 'Changements des jeux de données', en: 'Changes of the datasets' },
  description: {
    fr: 'Les lignes nouvelles, révisées ou retirées de chaque jeu de données, dans un ordre stable et à partir d’un curseur : une copie locale se met à jour par une requête.',
    en: 'The rows of each dataset that are new, revised or withdrawn, in an order that stays and from a cursor on: one request brings a local copy up to date.',
  },
  path: '/open-data/changes',
  serves: () => true,
}

const EXPLORE: DataService = {
  id: 'explore',
  title: { fr: 'API Explore 2.1', en: 'Explore API 2.1' },
  description: {
    fr: 'Les jeux de données et leurs lignes dans la forme de l’API Explore 2.1 d’Opendatasoft : sélection, filtres, regroupements et agrégats en ODSQL.',
    en: 'The datasets and their rows in the shape of Opendatasoft’s Explore API 2.1: selections, filters, groups and aggregations in ODSQL.',
  },
  path: '/api/explore/v2.1/catalog/datasets',
  serves: () => true,
}

const ROAD_WEATHER: DataService = {
  id: 'meteo-routiere',
  title: { fr: 'Météo routière en temps réel', en: 'Live road weather' },
  description: {
    fr: 'Les stations météo-routières ouvertes, leurs capteurs, ce qu’ils mesurent maintenant et ce qu’ils ont mesuré, dans la forme des API de Digitraffic.',
    en: 'The open road weather stations, their sensors, what they measure now and what they have measured, in the shape of the APIs of Digitraffic.',
  },
  path: '/api/weather/v1/stations',
  serves: () => false,
}

const DATEX2: DataService = {
  id: 'datex2',
  title: { fr: 'Les routes en DATEX II', en: 'The roads in DATEX II' },
  description: {
    fr: 'Les stations météo-routières ouvertes et leurs mesures en DATEX II 3.5 et 2.3, et les conditions de conduite que le service hivernal a relevées.',
    en: 'The open road weather stations and what they measure in DATEX II 3.5 and 2.3, and the driving conditions that the winter service has recorded.',
  },
  path: '/datex2/measured.xml',
  serves: () => false,
}

const SENSOR_THINGS: DataService = {
  id: 'sensorthings',
  title: {
    fr: 'Objets et observations (OGC SensorThings)',
    en: 'Things and observations (OGC SensorThings)',
  },
  description: {
    fr: 'Les stations météo-routières ouvertes et ce qu’elles mesurent, les consommations publiées des bâtiments et les comptages publiés du trafic, selon l’API OGC SensorThings 1.1, en lecture.',
    en: 'The open road weather stations and what they measure, the published consumption of buildings and the published counts of traffic, by the OGC SensorThings API 1.1, for reading.',
  },
  path: '/sta/v1.1',
  serves: ({ id }) => /^(?:fluides|batiments|comptage-(?:site|measure))/.test(id),
}
