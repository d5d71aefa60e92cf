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
  /** How many observations begin then. */
  count(from: number, to: number): Promise<number>
}

export interface Extent {
  /** When the first begins, and when the last ends. */
  phenomenon: Interval
  /** When the last begins. */
  last: number
  /** When the first and the last result were made. */
  result: Interval
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
