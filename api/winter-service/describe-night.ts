import type { Interval } from '../../model/calendar.ts'
import { factOf } from '../../model/winter-service.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ChainHead } from '../../store/records/chain.ts'
import { describeResponse } from '../alerts/responses.ts'
import { instant, localTime } from '../fields.ts'
import { describeRecord } from './describe-entry.ts'
import { type NightAlert, type NightEvidence, type NightRow, nightOfCircuit } from './night.ts'
import type { AnsweredLevel, AnsweredNight, AnsweredRow } from './night-schema.ts'
import { circuitsOf } from './read-night.ts'
import { levelsBetween, openServiceLevels, type ServiceLevel } from './service-level.ts'

interface Request {
  date: string
  /** Absent: all of them. */
  circuit?: string | undefined
  /** ms UTC */
  now: number
}

/** The log of a night as it is answered. */
export function describeNight(
  registry: Registry,
  evidence: NightEvidence,
  chain: ChainHead,
  { date, circuit: wanted, now }: Request,
): AnsweredNight {
  const { timeZone } = registry.territory
  const { night } = evidence
  const levelAt = openServiceLevels(registry)
  const local = (time: number) => localTime(time, timeZone)
  return {
    ...{ date, chain, from: local(night.start), to: local(night.end), at: instant(now) },
    registry: registry.hash,
    circuits: circuitsOf(registry, evidence)
      .filter(({ id }) => wanted === undefined || id === wanted)
      .map(circuit => {
        const { id, name, sections } = circuit
        const levelOf = (time: number) => levelAt(circuit, time)
        const { alerts, rows } = nightOfCircuit(circuit, evidence)
        return {
          ...{ id, name, alerts: alerts.map(describeAlert) },
          sections: sections.map(({ label = null, ...section }) => ({ ...section, label })),
          levels: levelsBetween(levelOf, night).map(level => ({
            ...{ from: local(level.start), to: local(level.end) },
            ...describeLevel(level),
          })),
          rows: rows
            .flatMap(row => describeRows(row, night))
            .map(({ time, ...row }) => ({
              ...{ time: instant(time), level: describeLevel(levelOf(time)) },
              ...row,
            })),
        }
      }),
  }
}

type TimedRow = Pick<AnsweredRow, 'alert' | 'response' | 'entry'> & { time: number }

/** A row for an alert's event, or for each entry of a record. */
function describeRows(row: NightRow, night: Interval): TimedRow[] {
  if ('alert' in row) {
    const { type, actor } = row.alert.event
    const before = row.time < night.start
    const alert = { ...describeAlert(row.alert), type, actor, before, seal: row.seal }
    return [{ time: row.time, alert, response: null, entry: null }]
  }
  if ('response' in row) {
    const response = { ...describeResponse(row.response), alert: row.response.alert, seal: row.seal }
    return [{ time: row.time, alert: null, response, entry: null }]
  }
  let time = row.time
  return describeRecord(row.record).map((entry, index) => {
    time = factOf(row.record[index]!.event)?.time ?? time
    return { time, alert: null, response: null, entry }
  })
}

function describeAlert({ event: { alert }, decision }: NightAlert) {
  const { id, site, severity, phenomenon = null, message, firedAt } = alert
  return { id, site, severity, phenomenon, message, firedAt: instant(firedAt), decision: decision ?? null }
}

function describeLevel({ state, season }: ServiceLevel): AnsweredLevel {
  const { serviceLevel = null, returnTime, reference = null, minimum = null } = season ?? {}
  const returnTimeSeconds = returnTime === undefined ? null : returnTime / 1000
  return { state, serviceLevel, returnTimeSeconds, reference, minimum }
}
