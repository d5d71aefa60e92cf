import { mayAppear } from '../registry/may-appear.ts'
import type { Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { Dataset } from './dataset.ts'
import { BATIMENTS } from './schemas/batiments.ts'

/** The public part of the common registry of buildings. */
export const BUILDINGS: Dataset = {
  id: 'batiments',
  title: { fr: 'Bâtiments publics', en: 'Public buildings' },
  description: {
    fr: 'Bâtiments publics dont les consommations de fluides sont publiées : identifiant RNB, usage, adresse, commune, surface et emplacement, d’après le registre commun du territoire.',
    en: 'Public buildings whose consumption of fluids is published: RNB id, use, address, commune, floor area and position, from the common registry of the territory.',
  },
  keywords: ['bâtiments publics', 'patrimoine', 'RNB', 'registre commun'],
  themes: ['GOVE', 'REGI'],
  frequency: 'IRREG',
  schema: BATIMENTS,
  position: { longitude: 'longitude', latitude: 'latitude' },
  subject: ['id_batiment'],
  partOf: () => 'all',
  async *rows({ registry }) {
    yield openBuildings(registry).map(({ id, rnb, name, use, address, commune, position, floorArea }) => [
      ...[id, rnb ?? '', name, use ?? '', address ?? '', commune],
      ...[String(position.lon), String(position.lat), floorArea === undefined ? '' : String(floorArea)],
      '',
    ])
  },
  subjects: ({ registry }) => new Set(openBuildings(registry).map(({ id }) => id)),
}

function openBuildings({ sites }: Pick<Registry, 'sites'>): Site[] {
  return [...sites.values()]
    .filter(site => site.kind === 'building' && mayAppear(site))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}
