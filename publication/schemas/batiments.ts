import { BUILDING_USES } from '../../registry/schema.ts'
import { REVISION, type TableSchema } from '../dataset.ts'
import { FLUIDES } from './fluides.ts'

const ofBuilding = (name: string) => FLUIDES.fields.find(field => field.name === name)!

/** Public buildings, from the common registry. */
export const BATIMENTS: TableSchema = {
  id: 'batiments',
  name: 'batiments-publics',
  title: 'Bâtiments publics',
  description: 'Bâtiments publics du territoire dont les consommations sont publiées, avec leur emplacement.',
  version: '1.0.0',
  created: '2026-11-28',
  fields: [
    ...['id_batiment', 'id_rnb', 'nom_batiment'].map(ofBuilding),
    {
      name: 'usage',
      title: 'Usage',
      titleEn: 'Use',
      description: 'Usage principal du bâtiment. Vide lorsqu’il n’est pas renseigné.',
      type: 'string',
      example: 'college',
      constraints: { enum: BUILDING_USES },
    },
    {
      name: 'adresse',
      title: 'Adresse',
      titleEn: 'Address',
      description: 'Adresse postale du bâtiment.',
      type: 'string',
      example: '12 rue des Écoles',
    },
    ofBuilding('code_commune'),
    {
      name: 'longitude',
      title: 'Longitude',
      titleEn: 'Longitude',
      description: 'Longitude du bâtiment en degrés décimaux (WGS 84).',
      type: 'number',
      example: '2.3968',
      constraints: { required: true, minimum: -180, maximum: 180 },
    },
    {
      name: 'latitude',
      title: 'Latitude',
      titleEn: 'Latitude',
      description: 'Latitude du bâtiment en degrés décimaux (WGS 84).',
      type: 'number',
      example: '47.0844',
      constraints: { required: true, minimum: -90, maximum: 90 },
    },
    {
      name: 'surface',
      title: 'Surface',
      titleEn: 'Floor area',
      description: 'Surface de plancher du bâtiment, en m². Vide lorsqu’elle n’est pas renseignée.',
      type: 'number',
      example: '5400',
      constraints: { minimum: 0 },
    },
    REVISION,
  ],
  primaryKey: ['id_batiment'],
  changes: [
    { version: '1.0.0', date: '2026-11-28', text: { fr: 'Première version.', en: 'First version.' } },
  ],
}
