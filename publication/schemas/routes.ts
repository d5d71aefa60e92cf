import { ROAD_WEATHER_QUANTITIES } from '../../model/road-weather.ts'
import { type Field, REVISION, type TableSchema } from '../dataset.ts'

const FIRST = {
  version: '1.0.0',
  date: '2026-11-28',
  text: { fr: 'Première version.', en: 'First version.' },
}

const STATION: Field = {
  name: 'id_station',
  title: 'Identifiant de la station',
  titleEn: 'Id of the station',
  description: 'Identifiant de la station dans le registre commun du territoire.',
  type: 'string',
  example: 'station-col-des-trois-croix',
  constraints: { required: true },
}
const COMMUNE: Field = {
  name: 'code_commune',
  title: 'Code commune',
  titleEn: 'Commune code',
  description: 'Code INSEE de la commune.',
  type: 'string',
  example: '42218',
  constraints: { required: true, pattern: '^(\\d{2}|2[AB])\\d{3}$' },
}
const statistic = (name: string, title: string, titleEn: string): Field => ({
  name,
  title,
  titleEn,
  description: `${title} des mesures valides de l’heure, dans l’unité. Vide lorsqu’il n’y en a aucune.`,
  type: 'number',
  example: '-1.5',
})

/** Road weather stations, from the common registry. */
export const STATIONS_ROUTIERES: TableSchema = {
  id: 'stations-routieres',
  name: 'stations-meteo-routieres',
  title: 'Stations météo routières',
  description: 'Stations météorologiques du réseau routier, avec leur emplacement et ce qu’elles mesurent.',
  version: FIRST.version,
  created: FIRST.date,
  fields: [
    STATION,
    {
      name: 'nom_station',
      title: 'Nom de la station',
      titleEn: 'Name of the station',
      description: 'Nom usuel de la station.',
      type: 'string',
      example: 'Col des Trois-Croix',
      constraints: { required: true },
    },
    {
      name: 'route',
      title: 'Route',
      titleEn: 'Road',
      description: 'Route et point de repère. Vide lorsqu’ils ne sont pas renseignés.',
      type: 'string',
      example: 'D 907 PR 31+850',
    },
    COMMUNE,
    ...(['longitude', 'latitude'] as const).map(
      (name): Field => ({
        name,
        title: name === 'longitude' ? 'Longitude' : 'Latitude',
        titleEn: name === 'longitude' ? 'Longitude' : 'Latitude',
        description: 'Position de la station en degrés décimaux (WGS 84).',
        type: 'number',
        example: name === 'longitude' ? '3.0842' : '48.4376',
        constraints: { required: true, minimum: -180, maximum: 180 },
      }),
    ),
    {
      name: 'grandeurs',
      title: 'Grandeurs mesurées',
      titleEn: 'What is measured',
      description: 'Grandeurs que la station mesure, séparées par une barre verticale.',
      type: 'string',
      example: 'air-temperature|surface-temperature',
    },
    REVISION,
  ],
  primaryKey: ['id_station'],
  changes: [FIRST],
}

/** What road weather stations measured, by hour of UTC. */
export const METEO_ROUTIERE: TableSchema = {
  id: 'meteo-routiere-heure',
  name: 'meteo-routiere-horaire',
  title: 'Météo routière horaire',
  description: 'Statistiques horaires des mesures des stations météo routières.',
  version: FIRST.version,
  created: FIRST.date,
  fields: [
    STATION,
    {
      name: 'capteur',
      title: 'Capteur',
      titleEn: 'Sensor',
      description: 'Appareil et point de mesure, séparés par un point.',
      type: 'string',
      example: 'meteo.surface-temperature',
      constraints: { required: true },
    },
    {
      name: 'grandeur',
      title: 'Grandeur',
      titleEn: 'Quantity',
      description: 'Grandeur mesurée.',
      type: 'string',
      example: 'surface-temperature',
      constraints: { required: true, enum: ROAD_WEATHER_QUANTITIES },
    },
    ...(['debut', 'fin'] as const).map(
      (name): Field => ({
        name,
        title: name === 'debut' ? 'Début' : 'Fin',
        titleEn: name === 'debut' ? 'Start' : 'End',
        description:
          name === 'debut'
            ? 'Début de l’heure, inclus, en temps universel.'
            : 'Fin de l’heure, exclue, en temps universel.',
        type: 'datetime',
        example: name === 'debut' ? '2026-11-22T03:00:00Z' : '2026-11-22T04:00:00Z',
        constraints: { required: true },
      }),
    ),
    statistic('minimum', 'Minimum', 'Minimum'),
    statistic('moyenne', 'Moyenne', 'Mean'),
    statistic('maximum', 'Maximum', 'Maximum'),
    {
      name: 'unite',
      title: 'Unité',
      titleEn: 'Unit',
      description: 'Unité des mesures.',
      type: 'string',
      example: 'C',
      constraints: { required: true },
    },
    {
      name: 'mesures_valides',
      title: 'Mesures valides',
      titleEn: 'Valid readings',
      description: 'Nombre de mesures de l’heure qui portent une valeur et ne sont pas signalées mauvaises.',
      type: 'integer',
      example: '60',
      constraints: { required: true, minimum: 0 },
    },
    REVISION,
  ],
  primaryKey: ['id_station', 'capteur', 'debut'],
  changes: [FIRST],
}

export const ROAD_CLASSES = ['autoroute', 'nationale', 'departementale', 'metropolitaine', 'autre'] as const

/** How many alerts there were on the roads, and of which kind. */
export const ALERTES_ROUTES: TableSchema = {
  id: 'alertes-routes',
  name: 'alertes-routes',
  title: 'Alertes sur les routes',
  description:
    'Nombre d’alertes des stations météo routières par mois, commune, classe de route, nature et gravité. Aucune alerte n’y figure par elle-même, ni personne.',
  version: FIRST.version,
  created: FIRST.date,
  fields: [
    {
      name: 'mois',
      title: 'Mois',
      titleEn: 'Month',
      description: 'Premier jour du mois, date locale. Seuls les mois terminés y figurent.',
      type: 'date',
      example: '2026-10-01',
      constraints: { required: true },
    },
    COMMUNE,
    {
      name: 'classe_route',
      title: 'Classe de la route',
      titleEn: 'Class of the road',
      description: 'Classe administrative de la route, d’après son nom.',
      type: 'string',
      example: 'departementale',
      constraints: { required: true, enum: ROAD_CLASSES },
    },
    {
      name: 'nature',
      title: 'Nature',
      titleEn: 'Kind',
      description:
        'Phénomène en cause au déclenchement (ice, snow, hoar, freezing-rain, …) ; autre, lorsqu’aucun n’est connu.',
      type: 'string',
      example: 'ice',
      constraints: { required: true },
    },
    {
      name: 'gravite',
      title: 'Gravité',
      titleEn: 'Severity',
      description: 'Gravité la plus récente de l’alerte.',
      type: 'string',
      example: 'critical',
      constraints: { required: true, enum: ['info', 'warning', 'critical'] },
    },
    {
      name: 'alertes',
      title: 'Alertes',
      titleEn: 'Alerts',
      description: 'Nombre d’alertes déclenchées dans le mois.',
      type: 'integer',
      example: '4',
      constraints: { required: true, minimum: 1 },
    },
    REVISION,
  ],
  primaryKey: ['mois', 'code_commune', 'classe_route', 'nature', 'gravite'],
  changes: [FIRST],
}
