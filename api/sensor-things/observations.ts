import { DAY_MS } from '../../model/time.ts'
import { WrongParameter } from '../fields.ts'
import type { Budget } from './budget.ts'
import type { Entity } from './model.ts'
import { compileOrder, type Surroundings } from './odata/compile.ts'
import { planObservations, type TimeOrder, timeOrderOf, type Within } from './odata/observation-plan.ts'
import type { Query } from './odata/query.ts'
import type { TimeValue } from './odata/time-value.ts'
import { type CountSpan, parseObservationId, type Stream } from './streams.ts'

export interface ObservationPage {
  observations: Entity[]
  /** Where the next page begins; undefined where there is none. */
  next?: { after: string } | { skip: number }
  count?: number
}

/** What counting may cost, in rows. */
const MOST_COUNTED = 60_000
/** One look takes as many rows at most. */
const MOST_ROWS_A_LOOK = 10_000
const LONGEST_WINDOW_MS = 400 * DAY_MS

/**
 * A page of the observations of some streams, in the order that is asked for, and else by stream, then time.
 * @param after the id of the last observation of the page before
 * @throws WrongParameter 422 where it takes more than the budget
 */
export async function readObservations(
  streams: readonly Stream[],
  query: Query,
  { size, after, budget, around }: { size: number; after?: string; budget: Budget; around: Surroundings },
): Promise<ObservationPage> {
  const plan = planObservations(query.filter, around)
  const asked = streams
    .filter(stream => plan.mayMeet(someObservationOf(stream)))
    .map(stream => ({ stream, within: plan.within(stream.isInstant) }))
  const order = timeOrderOf(
    query.orderBy,
    asked.every(({ stream }) => stream.isInstant),
  )
  const counted = query.count ? { count: await countObservations(asked, budget) } : {}
  if (query.orderBy.length > 0 && !order)
    return { ...(await readSorted(asked, query, size, budget, around)), ...counted }

  const look = { after, budget, want: size + 1 }
  const source = order ? inTime(asked, order, look) : byStream(asked, look)
  const page = await takePage(source, after === undefined ? query.skip : 0, size, budget)
  return { ...page, ...counted }
}

interface Asked {
  stream: Stream
  within: Within
}

/** Observations as they are found; some of them were looked at, and did not meet what is asked. */
type Found = AsyncGenerator<Entity[]>

async function takePage(source: Found, skip: number, size: number, budget: Budget): Promise<ObservationPage> {
  const observations: Entity[] = []
  let toSkip = skip
  for await (const found of source) {
    for (const observation of found) {
      if (toSkip > 0) toSkip--
      else if (observations.length < size) observations.push(observation)
      else return { observations, ...(size > 0 && { next: { after: observations.at(-1)!.id } }) }
    }
    if (budget.rows > 0) continue
    const last = observations.at(-1)
    if (last) return { observations, next: { after: last.id } }
    throw toSkip < skip
      ? tooMuch('$skip', 'follow @iot.nextLink, or say with $filter of which Datastream and time they are')
      : tooMuch('$filter', 'say of which Datastream and time they are')
  }
  return { observations }
}

interface Look {
  /** The id of the last observation of the page before. */
  after?: string | undefined
  budget: Budget
  /** About how many will be taken. */
  want: number
}

async function* byStream(asked: readonly Asked[], look: Look): Found {
  const { after, budget } = look
  const begun = after === undefined ? undefined : parseObservationId(after)
  for (const each of asked) {
    if (begun && each.stream.id < begun.stream) continue
    const isBegun = begun !== undefined && each.stream.id === begun.stream
    yield* inTime([each], 'ascending', { ...look, after: isBegun ? after : undefined })
    if (budget.rows <= 0) return
  }
}

/** Those of several streams in one order of time, and by stream within a moment: from window to window. */
async function* inTime(asked: readonly Asked[], order: TimeOrder, { after, budget, want }: Look): Found {
  const begun = after === undefined ? undefined : parseObservationId(after)
  const isDescending = order === 'descending'
  const known = await extentsOf(asked, budget)
  const bounds = {
    from: Math.max(
      Math.min(...known.map(({ from }) => from)),
      begun && !isDescending ? begun.start : -Infinity,
    ),
    to: Math.min(Math.max(...known.map(({ to }) => to)), begun && isDescending ? begun.start + 1 : Infinity),
  }
  let span = firstSpan(known, want)
  let at = isDescending ? bounds.to : bounds.from
  while (isDescending ? at > bounds.from : at < bounds.to) {
    const [from, to] = isDescending
      ? [Math.max(at - span, bounds.from), at]
      : [at, Math.min(at + span, bounds.to)]
    const found = await budget.look(() => readWindow(known, from, to, budget))
    if (!found) {
      span = Math.max(1, Math.floor(span / 8))
      continue
    }
    const sorted = found.observations.sort(
      (a, b) => (isDescending ? -1 : 1) * (startOf(a) - startOf(b)) || byStreamId(a, b),
    )
    yield begun ? sorted.filter(each => isBehind(each, begun, isDescending)) : sorted
    if (budget.rows <= 0) return
    if (found.rows < MOST_ROWS_A_LOOK / 10) span = Math.min(span * 4, LONGEST_WINDOW_MS)
    at = isDescending ? from : to
  }
}

/** When observations that may meet what is asked begin. */
interface Known extends Asked, CountSpan {}

async function extentsOf(asked: readonly Asked[], budget: Budget): Promise<Known[]> {
  budget.rows -= asked.length
  const known = await Promise.all(
    asked.map(async each => {
      const extent = await each.stream.extent()
      if (!extent) return []
      const [first, end] = [extent.phenomenon.start, extent.last + 1]
      const from = Math.max(each.within.from, first)
      const to = Math.min(each.within.to, end)
      const isFromFirst = from === first && !extent.isCutBefore
      const isToLast = to === end && !extent.isCutBehind
      return from < to ? [{ ...each, from, to, isFromFirst, isToLast }] : []
    }),
  )
  return known.flat()
}

/** So much time as should hold about as many observations of all of them. */
function firstSpan(known: readonly Known[], want: number): number {
  const perMs = known.reduce((sum, { stream }) => sum + 1 / stream.interval, 0)
  return Math.max(1, Math.min(Math.ceil(want / perMs), LONGEST_WINDOW_MS))
}

/** Undefined where that holds too much to be read at a look. */
async function readWindow(known: readonly Known[], from: number, to: number, budget: Budget) {
  const overlapping = known.filter(each => each.from < to && each.to > from)
  const cost = overlapping.reduce((sum, { stream }) => sum + stream.lookCost, 1)
  budget.rows -= cost
  if (budget.rows <= 0) return { observations: [], rows: 0 }
  const all = await Promise.all(
    overlapping.map(each =>
      each.stream.read(Math.max(from, each.from), Math.min(to, each.to), MOST_ROWS_A_LOOK + 1),
    ),
  )
  const rows = all.reduce((sum, each) => sum + each.rows, 0)
  budget.rows -= rows
  if (rows > MOST_ROWS_A_LOOK && to - from > 1) return undefined
  const observations = all.flatMap(({ observations }, at) => {
    const { meets } = overlapping[at]!.within
    return meets ? observations.filter(meets) : observations
  })
  return { observations, rows }
}

/** In any other order everything that is asked for has to be read first. */
async function readSorted(
  asked: readonly Asked[],
  { orderBy, skip }: Query,
  size: number,
  budget: Budget,
  around: Surroundings,
): Promise<ObservationPage> {
  const all: Entity[] = []
  for await (const found of byStream(asked, { budget, want: MOST_ROWS_A_LOOK })) {
    all.push(...found)
    if (budget.rows <= 0)
      throw tooMuch('$orderby', 'say of which Datastream and time, or order them by phenomenonTime')
  }
  const observations = compileOrder(orderBy, around)(all).slice(skip, skip + size)
  return { observations, ...(size > 0 && all.length > skip + size && { next: { skip: skip + size } }) }
}

/** Without reading those of which only when they are is asked. */
async function countObservations(asked: readonly Asked[], budget: Budget): Promise<number> {
  const known = await extentsOf(asked, budget)
  const refusal = tooMuch('$count', 'say of which Datastream and time, or leave it out')
  const [counted, read] = [
    known.filter(({ within }) => !within.meets),
    known.filter(({ within }) => within.meets),
  ]
  const cost = counted.reduce((sum, each) => sum + each.stream.countCost(each), 0)
  if (cost > MOST_COUNTED) throw refusal
  let count = 0
  for (const each of counted) count += await each.stream.count(each)
  for await (const found of byStream(read, { budget, want: MOST_ROWS_A_LOOK })) {
    count += found.length
    if (budget.rows <= 0) throw refusal
  }
  if (budget.rows <= 0) throw refusal
  return count
}

function tooMuch(option: string, instead: string): WrongParameter {
  const message = `takes more observations than one request may read: ${instead}`
  return new WrongParameter(option, message, undefined, 422)
}

/** One that is linked as all those of a stream, and nothing else. */
function someObservationOf({ id, feature }: Stream): Entity {
  return { set: 'Observations', id, values: {}, links: { Datastream: [id], FeatureOfInterest: [feature] } }
}

function startOf({ values }: Entity): number {
  return (values.phenomenonTime as TimeValue).start
}

function isBehind(
  observation: Entity,
  begun: { stream: string; start: number },
  isDescending: boolean,
): boolean {
  const start = startOf(observation)
  if (start !== begun.start) return isDescending ? start < begun.start : start > begun.start
  return streamOf(observation) > begun.stream
}

function streamOf({ links }: Entity): string {
  return links.Datastream![0]!
}

/** Not by their own ids: with the time behind it, one that another begins with comes behind that. */
function byStreamId(a: Entity, b: Entity): number {
  const [one, other] = [streamOf(a), streamOf(b)]
  return one < other ? -1 : Number(one > other)
}
