import type { Severity } from '../../model/alert.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Point } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Aggregate } from '../../store/readings.ts'
import type { Moment } from '../moment.ts'

/** `unknown` is stale, faulty or never seen: it neither fires nor clears anything, and is never taken for normal. */
export type Verdict = boolean | 'unknown'

export interface Judgement {
  verdict: Verdict
  /** Since when the condition has been true, or false. */
  since: Moment
  /** The newest value it rests on; null where the condition rests on none. */
  value: Value
  /** Which danger and how grave, where the condition tells several apart: `since` is since when this one. */
  phenomenon?: string
  severity?: Severity
  /** Since when there is any danger, of whichever grade: so long it must last to fire. `since`, where it is left out. */
  danger?: Moment
  /** What else is to be told of it, by names of the condition's own. */
  beside?: Readonly<Record<string, number>>
}

/** Readings with values from `from` to `to`, the next one at `until` at the latest, monotonic ms. */
export interface Rest {
  from: number
  to: number
  until: number
}

/** What is known when a rule begins to look at a point: at start, or when the rule is new. */
export interface Beginning {
  at: Moment
  point: Point
  /** Since when the condition has held, when an alert of an earlier run is live. */
  firingSince: Moment | undefined
  /** Which danger that alert told last, where the condition tells several apart. */
  phenomenon?: string | undefined
  /** Stored readings, ascending: of each point at least the span that the condition asked for, and the newest. */
  recent: readonly Reading[]
  /** What its point told hour by hour, ascending, where the condition asked for it. */
  hours?: readonly Aggregate[]
}

/**
 * A condition on one point, which may look at others as well. All functions are pure: what is remembered between
 * readings is a value that they take and return, and time is an argument.
 */
export interface Condition<Memory> {
  /** What it reads beside its own point. */
  readonly inputs?: readonly Point[]
  /** How far back, in ms, it must read to begin, given the newest stored reading; 0 when that one is enough. */
  span(latest: Reading): number
  /** How far back, in ms, it must know its point hour by hour to begin. */
  readonly history?: number
  begin(beginning: Beginning): Memory
  /** Takes a reading, of its point or an input, that is newer than every other of the same; `at` is its moment. */
  read(memory: Memory, reading: Reading, at: Moment): Memory
  /** Takes note that the rules can hear nobody at this moment, where silence tells something. */
  interrupt?(memory: Memory, at: Moment): Memory
  /** Lets time pass, where the state depends on more than the newest readings. */
  pass?(memory: Memory, at: Moment): Memory
  judge(memory: Memory, at: Moment): Judgement
  /**
   * Where it is false, and what time brings is not true either: the good readings that leave it so, for whoever would
   * rather not look at it for each of them. Of its own point only.
   */
  rest?(memory: Memory): Rest | undefined
  /** Takes the newest of such readings, as if it had taken all of them. */
  note?(memory: Memory, value: Value, at: Moment): Memory
  /** What is the matter and since when, ready to stand in a message. */
  describe(judgement: Judgement, point: Point, timeZone: string): Text
}
