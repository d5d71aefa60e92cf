import type { AlertEvent } from '../../model/alert.ts'
import type { Interval } from '../../model/calendar.ts'
import type { Sealed } from '../../model/seal.ts'
import { factOf } from '../../model/winter-service.ts'
import type { Circuit } from '../../registry/circuit-schema.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import type { NightEvidence } from './night.ts'

/** All that is kept of a night. */
export function readNight(
  records: RecordStore,
  { circuits }: Pick<Registry, 'circuits'>,
  night: Interval,
): NightEvidence {
  const stations = new Set([...circuits.values()].flatMap(circuit => circuit.stations))
  const isOfRoad = ({ event }: Sealed<AlertEvent>) => stations.has(event.alert.site)
  const { start, end } = night
  const events = records.sealedAlertEvents({ from: start, to: end }).filter(isOfRoad)
  const before = records.eventsOfAlertsLiveAt(start).filter(isOfRoad)
  const alerts = new Map([...before, ...events].map(({ event }) => [event.alert.id, event.alert]))
  // What was live already may have been decided on since it fired.
  const since = Math.min(start, ...alerts.values().map(({ firedAt }) => firedAt))
  const found = [
    ...records.winterRecords({ from: since, to: end }),
    ...alerts.keys().flatMap(id => records.winterRecordsNaming(id)),
  ]
  const responses = records.sealedResponses({ from: start, to: end })
  const unique = new Map(found.map(record => [record[0]!.event.id, record]))
  return { night, events, before, responses, records: [...unique.values()] }
}

/** The circuits of the registry, and those that it no longer has but something was recorded of. */
export function circuitsOf(
  { circuits }: Pick<Registry, 'circuits'>,
  { records, night }: NightEvidence,
): Pick<Circuit, 'id' | 'name' | 'seasons' | 'stations' | 'sections'>[] {
  const recorded = records
    .flat()
    .flatMap(({ event }) => factOf(event) ?? [])
    .filter(({ time }) => night.start <= time && time < night.end)
    .map(({ circuit }) => circuit)
  const gone = [...new Set(recorded)].filter(id => !circuits.has(id)).sort()
  return [
    ...circuits.values(),
    ...gone.map(id => ({ id, name: { fr: id, en: id }, seasons: [], stations: [], sections: [] })),
  ]
}
