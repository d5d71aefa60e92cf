import type { Entity, SetName } from './model.ts'
import { SETS, TYPES } from './model.ts'
import type { Stream } from './streams.ts'

/** Everything but observations, which streams have. */
export interface Catalogue {
  /** By id, in the order of the ids. */
  sets: Readonly<Record<SetName, ReadonlyMap<string, Entity>>>
  /** By the id of the Datastream, in the order of the ids. */
  streams: ReadonlyMap<string, Stream>
}

export interface Contribution {
  entities: readonly Entity[]
  streams: readonly Stream[]
}

/** Entities of one id and set are one, with the links of all of them; links are told from both of their ends. */
export function buildCatalogue(contributions: readonly Contribution[]): Catalogue {
  const entities = contributions.flatMap(each => each.entities)
  const sets = Object.fromEntries(SETS.map(set => [set, new Map<string, Entity>()])) as Record<
    SetName,
    Map<string, Entity>
  >
  for (const entity of entities.toSorted(byId)) {
    const before = sets[entity.set].get(entity.id)
    sets[entity.set].set(entity.id, before ? { ...before, links: join(before.links, entity.links) } : entity)
  }
  const streams = contributions.flatMap(each => each.streams).toSorted(byId)
  return { sets, streams: new Map(streams.map(stream => [stream.id, stream])) }
}

/** The ids of links, in their order, without those that nothing is behind. */
function join(a: Entity['links'], b: Entity['links']): Entity['links'] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries(
    [...names].map(name => [name, [...new Set([...(a[name] ?? []), ...(b[name] ?? [])])].sort()]),
  )
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id)
}

/** Entities of a thing: what it is, where, and what is observed there. */
export interface DescribedThing {
  id: string
  name: string
  description: string
  properties: Record<string, unknown>
  position: { lon: number; lat: number }
}

export interface DescribedStream {
  stream: Stream
  name: string
  description: string
  observationType: 'OM_Measurement' | 'OM_CountObservation' | 'OM_TruthObservation' | 'OM_Observation'
  unitOfMeasurement: object
  properties: Record<string, unknown>
  sensor: { id: string; name: string; description: string; metadata: string }
  observedProperty: { id: string; name: string; description: string; definition: string; properties: object }
}

const OBSERVATION_TYPES = 'http://www.opengis.net/def/observationType/OGC-OM/2.0/'

/** The entities of a thing that stands in one place, which is also what is observed there. */
export function describeThing(thing: DescribedThing, streams: readonly DescribedStream[]): Contribution {
  const { id, name, description, properties, position } = thing
  const place = { type: 'Point', coordinates: [position.lon, position.lat] }
  const placed = { name, description, encodingType: 'application/geo+json' }
  const streamIds = streams.map(({ stream }) => stream.id)
  const entities: Entity[] = [
    {
      ...{ set: 'Things', id, values: { name, description, properties } },
      links: { Locations: [id], HistoricalLocations: [], Datastreams: streamIds.toSorted() },
    },
    {
      ...{ set: 'Locations', id, values: { ...placed, location: place, properties: {} } },
      links: { Things: [id], HistoricalLocations: [] },
    },
    { set: 'FeaturesOfInterest', id, values: { ...placed, feature: place, properties: {} }, links: {} },
  ]
  for (const described of streams) entities.push(...describeStream(described, id))
  return { entities, streams: streams.map(({ stream }) => stream) }
}

function describeStream(described: DescribedStream, thing: string): Entity[] {
  const { stream, sensor, observedProperty, observationType, ...more } = described
  const { id: sensorId, ...sensorValues } = sensor
  const { id: propertyId, ...propertyValues } = observedProperty
  const links = { Datastreams: [stream.id] }
  return [
    {
      ...{ set: 'Datastreams', id: stream.id },
      values: { ...more, observationType: OBSERVATION_TYPES + observationType },
      links: { Thing: [thing], Sensor: [sensorId], ObservedProperty: [propertyId] },
    },
    {
      ...{ set: 'Sensors', id: sensorId, links },
      values: { ...sensorValues, encodingType: 'text/html', properties: {} },
    },
    { set: 'ObservedProperties', id: propertyId, values: propertyValues, links },
  ]
}

/** The entities that a link leads to; not of those to observations. */
export function follow(catalogue: Catalogue, entity: Entity, link: string): Entity[] {
  const { to } = TYPES[entity.set].links[link]!
  return (entity.links[link] ?? []).flatMap(id => catalogue.sets[to].get(id) ?? [])
}
