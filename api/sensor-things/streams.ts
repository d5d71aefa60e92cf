import type { Interval } from '../../model/calendar.ts'
import type { Entity } from './model.ts'
import type { TimeValue } from './odata/time-value.ts'

/** What a Datastream is made of: the observations of one thing and one property, each known by when it begins. */
export interface Stream {
  /** Of its Datastream. */
  id: string
  /** Of the FeatureOfInterest of all of its observations. */
  feature: string
  /** Whether its observations are of an instant, which is also when their result was made. */
  isInstant: boolean
  /** About how long from one observation to the next, ms. */
  interval: number
  /** When its first and its last observation begin and end, ms UTC; undefined where it has none. */
  extent(): Promise<Extent | undefined>
  /**
   * Observations that begin with from <= start < to, ascending; after so many rows it stops.
   * @throws QueryRefusedError, StoreUnavailableError
   */
  read(from: number, to: number, mostRows: number): Promise<ReadRows>
  /** How many observations begin then; of a sensor, as far as hours and days are summed up. */
  count(span: CountSpan): Promise<number>
  /** What it costs beside the rows that are read, in rows. */
  lookCost: number
  countCost(span: CountSpan): number
}

/** With from <= start < to, ms UTC. */
export interface CountSpan {
  from: number
  to: number
  /** Whether nothing is stored before it, or behind it. */
  isFromFirst: boolean
  isToLast: boolean
}

export interface Extent {
  /** When the first begins, and when the last ends. */
  phenomenon: Interval
  /** When the last begins. */
  last: number
  /** When the first and the last result were made. */
  result: Interval
  /** Whether something is stored before or behind that is not told. */
  isCutBefore: boolean
  isCutBehind: boolean
}

export interface ReadRows {
  observations: Entity[]
  /** How many rows that took, those among them that are no observations. */
  rows: number
}

/** `<datastream>.<when it begins, ms UTC>` */
export function observationId(stream: string, start: number): string {
  return `${stream}.${start}`
}

/** The stream of an observation, and when it begins; undefined for what is none of its ids. */
export function parseObservationId(id: string): { stream: string; start: number } | undefined {
  const [, stream, start] = /^(.+)\.(\d{1,15})$/.exec(id) ?? []
  return stream === undefined ? undefined : { stream, start: Number(start) }
}

export function observationOf(
  { id, feature }: Pick<Stream, 'id' | 'feature'>,
  time: TimeValue,
  values: { result: string | number | boolean | null; resultTime: TimeValue; resultQuality: object },
): Entity {
  return {
    set: 'Observations',
    id: observationId(id, time.start),
    values: { phenomenonTime: time, ...values },
    links: { Datastream: [id], FeatureOfInterest: [feature] },
  }
}
