import { WrongParameter } from '../fields.ts'
import { createBudget } from './budget.ts'
import { type Catalogue, follow } from './catalogue.ts'
import { addressOf, type Entity, TYPES } from './model.ts'
import { readObservations } from './observations.ts'
import { compileFilter, compileOrder, MOST_STEPS, pathsOf, type Surroundings } from './odata/compile.ts'
import type { Query } from './odata/query.ts'
import { TimeValue } from './odata/time-value.ts'
import { linkedTo, type Members } from './resource.ts'

/** How many entities a page has that does not say, and at most; an answer with all that is expanded at most. */
export const PAGE_SIZE = 100
export const MOST_IN_PAGE = 1000
const MOST_IN_ANSWER = 5000
const MOST_ROWS = 50_000

export interface Page {
  entities: Entity[]
  count?: number
  /** The options that replace those of this page in the address of the next one. */
  next?: { $skip: string } | { $skiptoken: string }
}

type Json = Record<string, unknown>

/** Answers what is asked, within what one request may read. */
export interface Answerer {
  page(members: Members, query: Query, more?: { after?: string | undefined; most?: number }): Promise<Page>
  /** Entities as they are told, with all that is expanded. */
  tell(entities: readonly Entity[], query: Query): Promise<Json[]>
  /** An entity with all of its properties. */
  complete(entity: Entity): Promise<Entity>
}

/** @param root the address of the service, without a slash at the end */
export function createAnswerer(catalogue: Catalogue, root: string, now: number): Answerer {
  const budget = createBudget(MOST_ROWS)
  let told = 0
  const times = new Map<string, Json>()
  const around: Surroundings = {
    find: (set, id) => catalogue.sets[set].get(id),
    moreOf: ({ set, id }, property) => (set === 'Datastreams' ? times.get(id)?.[property] : undefined),
    ...{ now, steps: MOST_STEPS },
  }

  async function readTimes(ids: readonly string[]): Promise<void> {
    const missing = ids.filter(id => !times.has(id))
    budget.rows -= missing.length
    await Promise.all(
      missing.map(async id => {
        const extent = await catalogue.streams.get(id)?.extent()
        const [phenomenonTime, resultTime] = [extent?.phenomenon, extent?.result].map(
          interval => interval && new TimeValue(interval.start, interval.end),
        )
        times.set(id, extent ? { phenomenonTime, resultTime } : {})
      }),
    )
  }

  /** The times of Datastreams are known to conditions only where they name them. */
  async function prepare({ filter, orderBy }: Query): Promise<void> {
    const expressions = [...(filter ? [filter] : []), ...orderBy.map(({ expression }) => expression)]
    const isNamed = expressions
      .flatMap(pathsOf)
      .some(({ set, property }) => set === 'Datastreams' && /Time$/.test(property))
    if (isNamed) await readTimes([...catalogue.streams.keys()])
  }

  async function page(
    members: Members,
    query: Query,
    { after, most = MOST_IN_PAGE }: { after?: string | undefined; most?: number } = {},
  ): Promise<Page> {
    await prepare(query)
    const size = Math.min(query.top ?? PAGE_SIZE, most)
    if (members.set === 'Observations') {
      const options = { size, budget, around, ...(after !== undefined && { after }) }
      const { observations, next, count } = await readObservations(members.streams, query, options)
      return {
        entities: observations,
        ...(count !== undefined && { count }),
        ...(next && { next: 'after' in next ? { $skiptoken: next.after } : { $skip: String(next.skip) } }),
      }
    }
    const met = query.filter ? members.entities.filter(compileFilter(query.filter, around)) : members.entities
    const sorted = query.orderBy.length > 0 ? compileOrder(query.orderBy, around)(met) : met
    const end = query.skip + size
    return {
      entities: sorted.slice(query.skip, end),
      ...(query.count && { count: met.length }),
      ...(size > 0 && end < sorted.length && { next: { $skip: String(end) } }),
    }
  }

  async function tell(entities: readonly Entity[], query: Query): Promise<Json[]> {
    told += entities.length
    if (told > MOST_IN_ANSWER) {
      const message = `tells of more than ${MOST_IN_ANSWER} entities: ask for fewer with $top`
      throw new WrongParameter('$expand', message, undefined, 422)
    }
    const isTimed = !query.select || query.select.some(name => /Time$/.test(name))
    if (isTimed) await readTimes(entities.filter(({ set }) => set === 'Datastreams').map(({ id }) => id))
    return Promise.all(entities.map(entity => tellOne(entity, query)))
  }

  async function tellOne(entity: Entity, { select, expand }: Query): Promise<Json> {
    const address = `${root}/${addressOf(entity)}`
    const isTold = (name: string) => select?.includes(name) ?? true
    const { properties, links } = TYPES[entity.set]
    const json: Json = {}
    if (isTold('id')) json['@iot.id'] = entity.id
    if (isTold('selfLink')) json['@iot.selfLink'] = address
    for (const name of properties) {
      const value = name in entity.values ? entity.values[name] : around.moreOf(entity, name)
      if (isTold(name) && (value !== undefined || select)) json[name] = value ?? null
    }
    for (const name of Object.keys(links)) {
      const query = expand.get(name)
      if (query) Object.assign(json, await tellLinked(entity, name, query, `${address}/${name}`))
      if (query ? select?.includes(name) : isTold(name))
        json[`${name}@iot.navigationLink`] = `${address}/${name}`
    }
    return json
  }

  async function tellLinked(entity: Entity, link: string, query: Query, address: string): Promise<Json> {
    if (!TYPES[entity.set].links[link]!.isMany)
      return { [link]: (await tell(follow(catalogue, entity, link).slice(0, 1), query))[0] ?? null }
    const { entities, count, next } = await page(linkedTo(catalogue, entity, link), query)
    return {
      ...(count !== undefined && { [`${link}@iot.count`]: count }),
      [link]: await tell(entities, query),
      ...(next && { [`${link}@iot.nextLink`]: nextAddress(address, query.written, next) }),
    }
  }

  return {
    page,
    tell,
    async complete(entity) {
      await readTimes(entity.set === 'Datastreams' ? [entity.id] : [])
      return { ...entity, values: { ...entity.values, ...times.get(entity.id) } }
    },
  }
}

/** The address of a page that follows. */
export function nextAddress(address: string, options: object, next: NonNullable<Page['next']>): string {
  const { $skip: _, ...others } = options as Record<string, string>
  const all = Object.entries({ ...others, ...next })
  return `${address}?${all.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}
