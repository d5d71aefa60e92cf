import { type Field, REVISION, type TableSchema } from '../dataset.ts'

/**
 * The national schema of counts of mobility, version 0.2.3: names, types and constraints of the columns after
 * etalab/schema-comptage-mobilites (site/schema.json, channel/schema.json, measure/schema.json; Licence Ouverte 2.0),
 * in its order, with the column of revisions behind.
 */
const NATIONAL = 'https://github.com/etalab/schema-comptage-mobilites'
const VERSION = '0.2.3'

type National = Pick<Field, 'name' | 'titleEn' | 'description' | 'example'> &
  Partial<Pick<Field, 'type' | 'constraints'>>

function nationalSchema(
  part: 'site' | 'channel' | 'measure',
  title: string,
  primaryKey: readonly string[],
  fields: readonly National[],
): TableSchema {
  return {
    id: `comptage-${part}`,
    name: `schema-comptage-mobilites-${part}`,
    title,
    description: `${title}, selon le schéma national ${NATIONAL} (version ${VERSION}), suivi d’une colonne de révision.`,
    version: '1.0.0',
    created: '2026-11-28',
    fields: [...fields.map(field => ({ type: 'string' as const, title: field.name, ...field })), REVISION],
    primaryKey,
    changes: [
      {
        version: '1.0.0',
        date: '2026-11-28',
        text: {
          fr: `Première version, d’après la version ${VERSION} du schéma national.`,
          en: `First version, after version ${VERSION} of the national schema.`,
        },
      },
    ],
  }
}

const required = { required: true }
const siteId: National = {
  name: 'site_id',
  titleEn: 'Id of the site',
  description: 'Identifiant du site de comptage dans le registre commun du territoire.',
  example: 'comptage-fontenay',
  constraints: required,
}
const channelId: National = {
  name: 'channel_id',
  titleEn: 'Id of the channel',
  description: 'Identifiant du canal de comptage : site, appareil et point de mesure.',
  example: 'comptage-fontenay/comptage/vehicles',
  constraints: required,
}

export const COMPTAGE_SITE = nationalSchema(
  'site',
  'Sites de comptage',
  ['site_id'],
  [
    siteId,
    { name: 'parent_site_id', titleEn: 'Parent', description: 'Site parent. Vide.', example: '' },
    {
      name: 'site_name',
      titleEn: 'Name',
      description: 'Nom du site.',
      example: 'Comptage de Fontenay',
      constraints: required,
    },
    {
      name: 'fr_insee_code',
      titleEn: 'Commune code',
      description: 'Code INSEE de la commune.',
      example: '07022',
      constraints: { pattern: '^([013-9]\\d|2[AB1-9])\\d{3}$' },
    },
    {
      name: 'xlong',
      titleEn: 'Longitude',
      description: 'Longitude en degrés décimaux (WGS 84).',
      type: 'number',
      example: '2.8394',
      constraints: { required: true, minimum: -180, maximum: 180 },
    },
    {
      name: 'ylat',
      titleEn: 'Latitude',
      description: 'Latitude en degrés décimaux (WGS 84).',
      type: 'number',
      example: '48.2768',
      constraints: { required: true, minimum: -90, maximum: 90 },
    },
    { name: 'external_ids', titleEn: 'Other ids', description: 'Autres identifiants. Vide.', example: '' },
    {
      name: 'infrastructure_type',
      titleEn: 'Infrastructure',
      description: 'Type d’infrastructure, d’après le nom de la route.',
      example: 'DEPARTEMENTAL ROAD',
      constraints: {
        enum: ['HIGHWAY', 'NATIONAL ROAD', 'DEPARTEMENTAL ROAD', 'METROPOLITAN ROAD', 'OTHER'],
      },
    },
  ],
)

const unknown = (name: string, titleEn: string): National => ({
  name,
  titleEn,
  description: 'Non renseigné.',
  example: '',
})

export const COMPTAGE_CHANNEL = nationalSchema(
  'channel',
  'Canaux de comptage',
  ['channel_id'],
  [
    channelId,
    unknown('channel_provider_id', 'Id of the provider'),
    unknown('site_provider_id', 'Site id of the provider'),
    siteId,
    {
      name: 'mobility_type',
      titleEn: 'What is counted',
      description: 'Véhicules de tout type : UNDEFINED.',
      example: 'UNDEFINED',
      constraints: { enum: ['UNDEFINED'] },
    },
    unknown('comment', 'Comment'),
    {
      name: 'counter_transmission_type',
      titleEn: 'How it is read',
      description: 'Méthode de récupération des données du compteur.',
      example: 'REMOTE TRANSMISSION',
      constraints: { enum: ['REMOTE TRANSMISSION', 'MANUAL'] },
    },
    {
      name: 'publication_transmission_type',
      titleEn: 'How it is published',
      description: 'Méthode de transmission vers le portail.',
      example: 'API',
      constraints: { enum: ['API', 'MANUAL'] },
    },
    unknown('counter_type', 'Type of counter'),
    unknown('direction', 'Direction'),
    unknown('provider_direction_code', 'Direction code of the provider'),
    unknown('provider_direction_name', 'Direction name of the provider'),
    {
      name: 'data_provider_name',
      titleEn: 'Provider',
      description: 'Producteur des données.',
      example: 'Département',
    },
    {
      name: 'temporality',
      titleEn: 'Temporality',
      description: 'Périodicité du comptage.',
      example: 'PERMANENT',
      constraints: { required: true, enum: ['TEMPORARY', 'PERMANENT'] },
    },
    {
      name: 'started_at',
      titleEn: 'Counts since',
      description: 'Début du comptage. Un canal qui n’a encore rien compté ne figure pas.',
      type: 'datetime',
      example: '2026-11-01T00:00:00Z',
      constraints: required,
    },
    { ...unknown('ended_at', 'Counted until'), type: 'datetime' },
    { ...unknown('last_updated_at', 'Updated'), type: 'datetime' },
    {
      name: 'time_step',
      titleEn: 'Step',
      description: 'Pas de temps, en secondes.',
      type: 'number',
      example: '3600',
    },
    unknown('provider_portal_url', 'Page of the provider'),
  ],
)

export const COMPTAGE_MEASURE = nationalSchema(
  'measure',
  'Mesures de comptage',
  ['channel_id', 'start_datetime'],
  [
    channelId,
    {
      name: 'counter_id',
      titleEn: 'Id of the counter',
      description: 'Identifiant du compteur : site et appareil.',
      example: 'comptage-fontenay/comptage',
      constraints: required,
    },
    {
      name: 'start_datetime',
      titleEn: 'Start',
      description: 'Début de l’heure, inclus, en temps universel.',
      type: 'datetime',
      example: '2026-11-22T03:00:00Z',
      constraints: required,
    },
    {
      name: 'end_datetime',
      titleEn: 'End',
      description: 'Fin de l’heure, exclue, en temps universel.',
      type: 'datetime',
      example: '2026-11-22T04:00:00Z',
    },
    {
      name: 'count',
      titleEn: 'Count',
      description:
        'Nombre de passages de l’heure ; 0 lorsqu’aucun véhicule n’est passé, vide lorsque le comptage n’est pas connu.',
      type: 'number',
      example: '412',
    },
  ],
)

const BY_SIX_MINUTES: Record<string, Pick<Field, 'description' | 'example'>> = {
  start_datetime: {
    description: 'Début des six minutes, inclus, en temps universel.',
    example: '2026-11-22T03:06:00Z',
  },
  end_datetime: {
    description: 'Fin des six minutes, exclue, en temps universel.',
    example: '2026-11-22T03:12:00Z',
  },
  count: {
    description:
      'Nombre de passages des six minutes ; 0 lorsqu’aucun véhicule n’est passé, vide lorsque le comptage n’est pas connu.',
    example: '41',
  },
}

/** The same by six minutes. */
export const COMPTAGE_MEASURE_6MIN: TableSchema = {
  ...COMPTAGE_MEASURE,
  id: 'comptage-measure-6min',
  fields: COMPTAGE_MEASURE.fields.map(field => ({ ...field, ...BY_SIX_MINUTES[field.name] })),
}
