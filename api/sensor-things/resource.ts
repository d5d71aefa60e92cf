import { Problem } from '../problem.ts'
import { type Catalogue, follow } from './catalogue.ts'
import { type Entity, isSet, type SetName, TYPES } from './model.ts'
import { unquote } from './odata/lexer.ts'
import { memberOf } from './odata/value.ts'
import { parseObservationId, type Stream } from './streams.ts'

/** What an address names (OGC 18-088, 9.2). */
export type Resource =
  | ({ kind: 'entities'; refs: boolean } & Members)
  | { kind: 'entity'; entity: Entity; refs: boolean }
  | { kind: 'property'; name: string; value: unknown; isRaw: boolean }

/** The members of a set, or those of them that a link leads to. */
export type Members =
  | { set: 'Observations'; streams: readonly Stream[] }
  | { set: Exclude<SetName, 'Observations'>; entities: readonly Entity[] }

/** Gives an entity all of its properties. */
type Complete = (entity: Entity) => Promise<Entity>

interface Known {
  catalogue: Catalogue
  complete: Complete
}

/** How many segments an address may have. */
const MOST_SEGMENTS = 10

const SEGMENT = /^([A-Za-z]+)(?:\(('(?:[^']|'')*'|-?\d+)\))?$/

/**
 * What the segments behind the root of the service name.
 * @throws Problem 404
 */
export async function resolve(
  catalogue: Catalogue,
  segments: readonly string[],
  complete: Complete,
): Promise<Resource> {
  const [first, ...rest] = segments as [string, ...string[]]
  if (segments.length > MOST_SEGMENTS)
    throw new Problem(404, `An address here has ${MOST_SEGMENTS} parts at most.`)
  const { name, id } = readSegment(first)
  if (!isSet(name)) throw new Problem(404, `There is no set ${name}; /sta/v1.1 names those there are.`)
  return step(membersOf(catalogue, name), id, rest, { catalogue, complete })
}

async function step(
  members: Members,
  id: string | undefined,
  rest: readonly string[],
  known: Known,
): Promise<Resource> {
  if (id !== undefined) return stepInto(await findAmong(members, id), rest, known)
  const [next, ...more] = rest
  if (next === undefined || (next === '$ref' && more.length === 0))
    return { kind: 'entities', ...members, refs: next === '$ref' }
  throw new Problem(
    404,
    `There is nothing at ${next} of ${members.set}: name one of them, as ${members.set}('…').`,
  )
}

async function stepInto(entity: Entity, rest: readonly string[], known: Known): Promise<Resource> {
  const [next, ...more] = rest
  if (next === undefined) return { kind: 'entity', entity, refs: false }
  if (next === '$ref' && more.length === 0) return { kind: 'entity', entity, refs: true }
  const { links, properties } = TYPES[entity.set]
  const { name, id } = readSegment(next)
  const link = Object.hasOwn(links, name) ? links[name]! : undefined
  if (link?.isMany) return step(linkedTo(known.catalogue, entity, name), id, more, known)
  if (link && id === undefined) return stepInto(follow(known.catalogue, entity, name)[0]!, more, known)
  if (id === undefined && properties.includes(name))
    return readProperty(await known.complete(entity), name, more)
  const named = [...properties, ...Object.keys(links)].join(', ')
  throw new Problem(404, `${TYPES[entity.set].one} has no ${next}; it has ${named}.`)
}

function readProperty(entity: Entity, property: string, rest: readonly string[]): Resource {
  const isRaw = rest.at(-1) === '$value'
  const inner = isRaw ? rest.slice(0, -1) : rest
  let value = entity.values[property]
  for (const name of inner) {
    value = memberOf(value, name)
    if (value === undefined)
      throw new Problem(
        404,
        `There is no ${[property, ...inner].join('/')} of ${entity.set}('${entity.id}').`,
      )
  }
  return { kind: 'property', name: inner.at(-1) ?? property, value, isRaw }
}

function readSegment(segment: string): { name: string; id: string | undefined } {
  const [, name, key] = SEGMENT.exec(segment) ?? []
  if (name === undefined) throw new Problem(404, `${segment} is no part of an address here.`)
  return { name, id: key?.startsWith("'") ? unquote(key) : key }
}

function membersOf(catalogue: Catalogue, set: SetName): Members {
  if (set === 'Observations') return { set, streams: [...catalogue.streams.values()] }
  return { set, entities: [...catalogue.sets[set].values()] }
}

/** What a link to many leads to. */
export function linkedTo(catalogue: Catalogue, entity: Entity, link: string): Members {
  const set = TYPES[entity.set].links[link]!.to
  if (set !== 'Observations') return { set, entities: follow(catalogue, entity, link) }
  if (entity.set === 'Datastreams') return { set, streams: [catalogue.streams.get(entity.id)!] }
  return { set, streams: [...catalogue.streams.values()].filter(({ feature }) => feature === entity.id) }
}

async function findAmong(members: Members, id: string): Promise<Entity> {
  const found =
    members.set === 'Observations'
      ? await findObservation(members.streams, id)
      : members.entities.find(entity => entity.id === id)
  if (found) return found
  throw new Problem(404, `There is no ${members.set}('${id}') here.`)
}

async function findObservation(streams: readonly Stream[], id: string): Promise<Entity | undefined> {
  const asked = parseObservationId(id)
  const stream = streams.find(each => each.id === asked?.stream)
  if (!asked || !stream) return undefined
  const { observations } = await stream.read(asked.start, asked.start + 1, 2)
  return observations.find(each => each.id === id)
}
