import { FLUIDS } from '../../model/fluid.ts'
import { asciiUnitLabel, type Unit } from '../../model/units.ts'

export const FLUIDES_VERSION = '1.0.0'

/** The units in which consumption is published. */
const PUBLISHED_UNITS = ['kW.h', 'm3'] as const satisfies readonly Unit[]

/** The Table Schema (https://specs.frictionlessdata.io/table-schema/) of the consumption by building and fluid. */
export const FLUIDES_SCHEMA = {
  $schema: 'https://specs.frictionlessdata.io/schemas/table-schema.json',
  name: 'consommation-fluides-batiments',
  title: 'Consommation de fluides des bâtiments publics',
  description:
    'Consommation d’électricité, de gaz, d’eau, de chaleur et de froid par bâtiment et par période civile close, calculée à partir des index des compteurs.',
  countryCode: 'FR',
  version: FLUIDES_VERSION,
  created: '2026-11-22',
  lastModified: '2026-11-22',
  fields: [
    {
      name: 'id_batiment',
      title: 'Identifiant du bâtiment',
      description: 'Identifiant stable du bâtiment dans le registre du territoire.',
      type: 'string',
      example: 'college-jean-moulin',
      constraints: { required: true, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
    },
    {
      name: 'id_rnb',
      title: 'Identifiant RNB',
      description: 'Identifiant du bâtiment dans le référentiel national des bâtiments (RNB).',
      type: 'string',
      example: 'ABCD1234EFGH',
      constraints: { pattern: '^[A-Z0-9]{12}$' },
    },
    {
      name: 'nom_batiment',
      title: 'Nom du bâtiment',
      description: 'Nom d’usage du bâtiment.',
      type: 'string',
      example: 'Collège Jean-Moulin',
      constraints: { required: true },
    },
    {
      name: 'code_commune',
      title: 'Code de la commune',
      description: 'Code INSEE de la commune où se trouve le bâtiment.',
      type: 'string',
      example: '18033',
      constraints: { required: true, pattern: '^(\\d{2}|2[AB])\\d{3}$' },
    },
    {
      name: 'fluide',
      title: 'Fluide',
      description: 'Fluide consommé.',
      type: 'string',
      example: 'electricite',
      constraints: { required: true, enum: FLUIDS },
    },
    {
      name: 'debut',
      title: 'Début de la période',
      description: 'Premier jour de la période, heure locale, inclus.',
      type: 'date',
      example: '2026-10-01',
      constraints: { required: true },
    },
    {
      name: 'fin',
      title: 'Fin de la période',
      description: 'Jour qui suit la période, heure locale : la borne est exclue.',
      type: 'date',
      example: '2026-11-01',
      constraints: { required: true },
    },
    {
      name: 'consommation',
      title: 'Consommation',
      description:
        'Consommation de la période dans l’unité indiquée, exacte. Vide lorsqu’aucun index ne permet de la connaître : jamais un zéro à la place d’une absence. Pendant une lacune entre deux index, la consommation connue est répartie au prorata du temps et la couverture le signale.',
      type: 'number',
      example: '12345.6',
      constraints: { minimum: 0 },
    },
    {
      name: 'unite',
      title: 'Unité',
      description: `Unité de la consommation ; code UCUM : ${PUBLISHED_UNITS.map(unit => `${asciiUnitLabel(unit)} = ${unit}`).join(', ')}.`,
      type: 'string',
      example: 'kWh',
      constraints: { required: true, enum: PUBLISHED_UNITS.map(asciiUnitLabel) },
      ucum: Object.fromEntries(PUBLISHED_UNITS.map(unit => [asciiUnitLabel(unit), unit])),
    },
    {
      name: 'couverture',
      title: 'Couverture',
      description:
        'Part de la période, de 0 à 1, comprise entre des index valides consécutifs distants au plus de deux fois l’intervalle de relève (ou de rappel, pour un index égal qui n’est transmis que lorsqu’il change) ; arrondie vers le bas. Pour plusieurs compteurs, chaque jour compte pour le compteur le moins couvert.',
      type: 'number',
      example: '0.9986',
      constraints: { required: true, minimum: 0, maximum: 1 },
    },
  ],
  missingValues: [''],
  primaryKey: ['id_batiment', 'fluide', 'unite', 'debut'],
}
