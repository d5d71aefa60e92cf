import { ALERT_CHANGES, type Alert, type AlertEvent, type AlertEventType } from '../../model/alert.ts'
import { type Interval, instantOfLocalTime } from '../../model/calendar.ts'
import type { AlertResponse } from '../../model/response.ts'
import type { Seal, Sealed } from '../../model/seal.ts'
import { type DecisionFact, factOf, type WinterRecord } from '../../model/winter-service.ts'

/** What is known of a night before it is laid out by circuit. */
export interface NightEvidence {
  night: Interval
  /** Of the night, in order. */
  events: readonly Sealed<AlertEvent>[]
  /** What had happened to the alerts that were live when the night began, in order. */
  before: readonly Sealed<AlertEvent>[]
  /** What was said of its alerts in the night, in order. */
  responses: readonly Sealed<AlertResponse>[]
  /** What was recorded for it, and every decision that may answer one of its alerts. */
  records: readonly WinterRecord[]
}

/** An alert as an event left it, and the first decision that answers it as it stood; without one, it is open. */
export interface NightAlert {
  event: AlertEvent
  decision?: string
}

export type NightRow = { time: number; position: number } & (
  | { alert: NightAlert; seal: Seal }
  | { response: AlertResponse; seal: Seal }
  | { record: WinterRecord }
)

/** What tells how an alert stands. */
const STANDINGS: ReadonlySet<AlertEventType> = new Set(['fired', ...ALERT_CHANGES])

/** From noon to noon by the clock: 24 hours, and 23 or 25 where the clock changes. */
export function nightOf(date: string, timeZone: string): Interval {
  const noon = (day: Temporal.PlainDate) => instantOfLocalTime(`${day}T12:00`, timeZone)
  const day = Temporal.PlainDate.from(date)
  return { start: noon(day), end: noon(day.add({ days: 1 })) }
}

/** The night of a circuit: its alerts, and all that happened in order of time. */
export function nightOfCircuit(
  circuit: { id: string; stations: readonly string[] },
  { night, events, before, responses, records }: NightEvidence,
): { alerts: NightAlert[]; rows: NightRow[] } {
  const ofCircuit = ({ event }: Sealed<AlertEvent>) => circuit.stations.includes(event.alert.site)
  // Of what was live already, how it stood.
  const standing = new Map(
    before
      .filter(each => ofCircuit(each) && STANDINGS.has(each.event.type))
      .map(each => [each.event.alert.id, each]),
  )
  const told = [...standing.values(), ...events.filter(ofCircuit)]
  const decisions = records
    .flatMap(record => decisionOf(record) ?? [])
    .filter(({ fact }) => fact.circuit === circuit.id)
    .sort((a, b) => a.fact.time - b.fact.time)
  const worsenings = worseningsOf([...before, ...events])
  const answered = ({ event }: Sealed<AlertEvent>): NightAlert => {
    const worsenedAt = worsenings.get(event.alert.id)?.findLast(time => time <= event.time) ?? 0
    const decision = decisions.find(
      ({ fact }) => fact.time >= worsenedAt && isAbout(fact, event.alert, night),
    )?.id
    return { event, ...(decision && { decision }) }
  }
  const alerts = new Map(told.map(each => [each.event.alert.id, answered(each)]))
  const rows: NightRow[] = [
    ...told.map(each => ({
      time: each.event.time,
      position: each.seal.position,
      alert: answered(each),
      seal: each.seal,
    })),
    ...responses
      .filter(({ event }) => alerts.has(event.alert))
      .map(({ event, seal }) => ({ time: event.time, position: seal.position, response: event, seal })),
    ...records.flatMap(record => {
      const time = timeIn(night, circuit.id, record)
      return time === undefined ? [] : [{ time, position: record[0]!.seal.position, record }]
    }),
  ]
  return {
    alerts: [...alerts.values()],
    rows: rows.sort((a, b) => a.time - b.time || a.position - b.position),
  }
}

/** The decision that holds after all corrections. */
function decisionOf(record: WinterRecord): { id: string; fact: DecisionFact } | undefined {
  const { event } = record.at(-1)!
  const fact = factOf(event)
  return fact?.kind === 'decision' ? { id: event.id, fact } : undefined
}

/** It names the alert, or names none and was made after that fired and before the night was over. */
function isAbout({ alert, time }: DecisionFact, { id, firedAt }: Alert, { end }: Interval): boolean {
  return alert === undefined ? time >= firedAt && time < end : alert === id
}

/** When each alert has worsened, in order: what was decided before was decided on a lesser danger. */
function worseningsOf(events: readonly Sealed<AlertEvent>[]): Map<string, number[]> {
  const worsened = events.filter(({ event }) => event.type === 'worsened')
  const byAlert = Map.groupBy(worsened, ({ event }) => event.alert.id)
  return new Map([...byAlert].map(([id, those]) => [id, those.map(({ event }) => event.time)]))
}

/** When a record says, or once said, that something happened to a circuit in the night. */
function timeIn({ start, end }: Interval, circuit: string, record: WinterRecord): number | undefined {
  return record
    .flatMap(({ event }) => factOf(event) ?? [])
    .find(fact => fact.circuit === circuit && start <= fact.time && fact.time < end)?.time
}
