/** The entity sets of SensorThings 1.1 Part 1 (OGC 18-088, 8.2), in the order in which the service names them. */
export const SETS = [
  'Things',
  'Locations',
  'HistoricalLocations',
  'Datastreams',
  'Sensors',
  'ObservedProperties',
  'Observations',
  'FeaturesOfInterest',
] as const
export type SetName = (typeof SETS)[number]

export interface Link {
  to: SetName
  isMany: boolean
}

interface EntityType {
  /** Name of one of them. */
  one: string
  /** Those of the standard, also where nothing here has them. */
  properties: readonly string[]
  links: Readonly<Record<string, Link>>
}

const many = (to: SetName): Link => ({ to, isMany: true })
const one = (to: SetName): Link => ({ to, isMany: false })
const NAMED = ['name', 'description'] as const
const ENCODED = [...NAMED, 'encodingType'] as const

export const TYPES: Readonly<Record<SetName, EntityType>> = {
  Things: {
    one: 'Thing',
    properties: [...NAMED, 'properties'],
    links: {
      Locations: many('Locations'),
      HistoricalLocations: many('HistoricalLocations'),
      Datastreams: many('Datastreams'),
    },
  },
  Locations: {
    one: 'Location',
    properties: [...ENCODED, 'location', 'properties'],
    links: { Things: many('Things'), HistoricalLocations: many('HistoricalLocations') },
  },
  HistoricalLocations: {
    one: 'HistoricalLocation',
    properties: ['time'],
    links: { Thing: one('Things'), Locations: many('Locations') },
  },
  Datastreams: {
    one: 'Datastream',
    properties: [
      ...[...NAMED, 'observationType', 'unitOfMeasurement', 'observedArea'],
      ...['phenomenonTime', 'resultTime', 'properties'],
    ],
    links: {
      Thing: one('Things'),
      Sensor: one('Sensors'),
      ObservedProperty: one('ObservedProperties'),
      Observations: many('Observations'),
    },
  },
  Sensors: {
    one: 'Sensor',
    properties: [...ENCODED, 'metadata', 'properties'],
    links: { Datastreams: many('Datastreams') },
  },
  ObservedProperties: {
    one: 'ObservedProperty',
    properties: ['name', 'definition', 'description', 'properties'],
    links: { Datastreams: many('Datastreams') },
  },
  Observations: {
    one: 'Observation',
    properties: ['phenomenonTime', 'resultTime', 'result', 'resultQuality', 'validTime', 'parameters'],
    links: { Datastream: one('Datastreams'), FeatureOfInterest: one('FeaturesOfInterest') },
  },
  FeaturesOfInterest: {
    one: 'FeatureOfInterest',
    properties: [...ENCODED, 'feature', 'properties'],
    links: { Observations: many('Observations') },
  },
}

export interface Entity {
  set: SetName
  /** Without a dot but between the ids that it is made of, and without a slash. */
  id: string
  /** By the names of its properties. */
  values: Readonly<Record<string, unknown>>
  /** Ids, by the names of its links; of Observations none are kept. */
  links: Readonly<Record<string, readonly string[]>>
}

export function isSet(name: string): name is SetName {
  return (SETS as readonly string[]).includes(name)
}

/** `Things('col')` */
export function addressOf({ set, id }: Pick<Entity, 'set' | 'id'>): string {
  return `${set}('${encodeURIComponent(id)}')`
}
