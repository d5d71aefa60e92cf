import { FLUIDS } from '../../model/fluid.ts'
import { asciiUnitLabel, type Unit } from '../../model/units.ts'
import { type Field, REVISION, type TableSchema } from '../dataset.ts'
import { earlierVersion } from '../table-schema.ts'

/** The units in which consumption is published. */
const PUBLISHED_UNITS = ['kW.h', 'm3'] as const satisfies readonly Unit[]

/** How well a consumption is known. */
export const QUALITIES = ['mesuree', 'partielle', 'estimee', 'absente'] as const

/** Consumption by building and fluid, over local dates. */
export const FLUIDES: TableSchema = {
  id: 'fluides',
  name: 'consommation-fluides-batiments',
  title: 'Consommation de fluides des bâtiments publics',
  description:
    'Consommation d’électricité, de gaz, d’eau, de chaleur et de froid par bâtiment et par période civile close, calculée à partir des index des compteurs.',
  version: '1.2.0',
  created: '2026-11-22',
  fields: [
    {
      name: 'id_batiment',
      title: 'Identifiant du bâtiment',
      titleEn: 'Building id',
      description: 'Identifiant stable du bâtiment dans le registre du territoire.',
      type: 'string',
      example: 'college-jean-moulin',
      constraints: { required: true, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
    },
    {
      name: 'id_rnb',
      title: 'Identifiant RNB',
      titleEn: 'RNB id',
      description: 'Identifiant du bâtiment dans le référentiel national des bâtiments (RNB).',
      type: 'string',
      example: 'ABCD1234EFGH',
      constraints: { pattern: '^[A-Z0-9]{12}$' },
    },
    {
      name: 'nom_batiment',
      title: 'Nom du bâtiment',
      titleEn: 'Building name',
      description: 'Nom d’usage du bâtiment.',
      type: 'string',
      example: 'Collège Jean-Moulin',
      constraints: { required: true },
    },
    {
      name: 'code_commune',
      title: 'Code de la commune',
      titleEn: 'Commune code',
      description: 'Code INSEE de la commune où se trouve le bâtiment.',
      type: 'string',
      example: '18033',
      constraints: { required: true, pattern: '^(\\d{2}|2[AB])\\d{3}$' },
    },
    {
      name: 'fluide',
      title: 'Fluide',
      titleEn: 'Fluid',
      description: 'Fluide consommé.',
      type: 'string',
      example: 'electricite',
      constraints: { required: true, enum: FLUIDS },
    },
    {
      name: 'debut',
      title: 'Début de la période',
      titleEn: 'Start of the period',
      description: 'Premier jour de la période, heure locale, inclus.',
      type: 'date',
      example: '2026-10-01',
      constraints: { required: true },
    },
    {
      name: 'fin',
      title: 'Fin de la période',
      titleEn: 'End of the period',
      description: 'Jour qui suit la période, heure locale : la borne est exclue.',
      type: 'date',
      example: '2026-11-01',
      constraints: { required: true },
    },
    {
      name: 'consommation',
      title: 'Consommation',
      titleEn: 'Consumption',
      description:
        'Consommation de la période dans l’unité indiquée, exacte. Vide lorsqu’aucun index ne permet de la connaître : jamais un zéro à la place d’une absence. Pendant une lacune entre deux index, la consommation connue est répartie au prorata du temps et la couverture le signale.',
      type: 'number',
      example: '12345.6',
      constraints: { minimum: 0 },
    },
    {
      name: 'unite',
      title: 'Unité',
      titleEn: 'Unit',
      description: `Unité de la consommation ; code UCUM : ${PUBLISHED_UNITS.map(unit => `${asciiUnitLabel(unit)} = ${unit}`).join(', ')}.`,
      type: 'string',
      example: 'kWh',
      constraints: { required: true, enum: PUBLISHED_UNITS.map(asciiUnitLabel) },
      ucum: Object.fromEntries(PUBLISHED_UNITS.map(unit => [asciiUnitLabel(unit), unit])),
    },
    {
      name: 'couverture',
      title: 'Couverture',
      titleEn: 'Coverage',
      description:
        'Part de la période, de 0 à 1, comprise entre des index valides consécutifs distants au plus de deux fois l’intervalle de relève (ou de rappel, pour un index égal qui n’est transmis que lorsqu’il change) ; arrondie vers le bas. Pour plusieurs compteurs, chaque jour compte pour le compteur le moins couvert.',
      type: 'number',
      example: '0.9986',
      constraints: { required: true, minimum: 0, maximum: 1 },
    },
    {
      name: 'part_estimee',
      title: 'Part estimée',
      titleEn: 'Share estimated',
      description:
        'Part de la période, de 0 à 1, dont la consommation ne vient pas des relevés du compteur mais de ce qui a été déclaré : distributeur, relevé à la main, facture, estimation ; arrondie vers le haut.',
      type: 'number',
      example: '0.0000',
      constraints: { required: true, minimum: 0, maximum: 1 },
      since: '1.1.0',
    },
    {
      name: 'qualite',
      title: 'Qualité',
      titleEn: 'Quality',
      description:
        'mesuree : toute la période est couverte par des relevés ; partielle : une lacune y est répartie ; estimee : une part est déclarée ; absente : la consommation n’est pas connue.',
      type: 'string',
      example: 'mesuree',
      constraints: { required: true, enum: QUALITIES },
      since: '1.1.0',
    },
    { ...REVISION, since: '1.1.0' },
    {
      name: 'consommation_corrigee_climat',
      title: 'Consommation corrigée du climat',
      titleEn: 'Consumption corrected for the climate',
      description:
        'Consommation de la période si le climat avait été le climat moyen, dans l’unité indiquée, arrondie au dixième : la part des compteurs de chauffage est multipliée par les degrés-jours moyens et divisée par ceux de la période (formules de l’arrêté du 10 avril 2020, température de base 18 °C sauf autre indication), le reste est tel quel. La station, la température de base et la référence, avec les degrés-jours de chaque période, sont dans le rapport de qualité. Vide lorsque le chauffage n’est pas compté à part ou en totalité, que des températures manquent, ou pour un mois de moins de 30 degrés-jours. Par mois et par année seulement, à dessein : un seul jour n’a presque jamais ces 30 degrés-jours. Pour le pilotage : la correction officielle du dispositif éco-énergie tertiaire est faite par la plateforme nationale.',
      type: 'number',
      example: '11840.2',
      constraints: { minimum: 0 },
      since: '1.2.0',
    },
  ],
  primaryKey: ['id_batiment', 'fluide', 'unite', 'debut'],
  changes: [
    {
      version: '1.2.0',
      date: '2026-11-28',
      text: {
        fr: 'Colonne consommation_corrigee_climat, derrière les autres.',
        en: 'Column consommation_corrigee_climat, behind the others.',
      },
    },
    {
      version: '1.1.0',
      date: '2026-11-28',
      text: {
        fr: 'Colonnes part_estimee, qualite et revision, derrière les autres.',
        en: 'Columns part_estimee, qualite and revision, behind the others.',
      },
    },
    { version: '1.0.0', date: '2026-11-22', text: { fr: 'Première version.', en: 'First version.' } },
  ],
}

/** The same by day, of which nothing is corrected for the climate: the columns of an earlier version. */
export const FLUIDES_JOUR: TableSchema = earlierVersion(FLUIDES, '1.1.0')

const HOURS: Record<string, Pick<Field, 'description' | 'type' | 'example'>> = {
  debut: {
    type: 'datetime',
    description: 'Début de l’heure, en temps universel (UTC), inclus.',
    example: '2026-10-01T08:00:00Z',
  },
  fin: {
    type: 'datetime',
    description: 'Fin de l’heure, en temps universel (UTC) : la borne est exclue.',
    example: '2026-10-01T09:00:00Z',
  },
}

/** The same by hour: instants in place of local dates, of which one may have 23 or 25 hours. */
export const FLUIDES_HEURE: TableSchema = {
  ...FLUIDES,
  id: 'fluides-heure',
  name: 'consommation-horaire-fluides-batiments',
  title: 'Consommation horaire de fluides des bâtiments publics',
  description:
    'Consommation d’électricité, de gaz, d’eau, de chaleur et de froid par bâtiment et par heure, calculée à partir des index des compteurs.',
  version: '1.0.0',
  created: '2026-11-28',
  fields: FLUIDES_JOUR.fields.map(({ since: _, ...field }) => ({ ...field, ...HOURS[field.name] })),
  changes: [
    { version: '1.0.0', date: '2026-11-28', text: { fr: 'Première version.', en: 'First version.' } },
  ],
}
