import type { DatabaseSync } from 'node:sqlite'
import { type Alert, type AlertEvent, eventKey } from '../../model/alert.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import type { Notification } from '../../model/notification.ts'
import type { RecordStore } from '../records.ts'
import { inTransaction, withoutWait } from '../sqlite.ts'
import { type Chain, toSealed } from './chain.ts'
import { CREW, NOTIFY, WINTER } from './kept-under.ts'

type AlertRecords = Pick<
  RecordStore,
  | 'writeAlertEvents'
  | 'positions'
  | 'alerts'
  | 'alert'
  | 'alertEvents'
  | 'alertLives'
  | 'sealedAlertEvents'
  | 'eventsOfAlertsLiveAt'
  | 'alertChain'
  | 'sealNotifications'
  | 'notifications'
>

/** What alert events are told from in a query: what shares their chain. */
const ARE_ALERTS = `sender NOT IN ('${NOTIFY}', '${WINTER}', '${CREW}')`

export function alertRecords(database: DatabaseSync, chain: Chain): AlertRecords {
  // Live events overtake the backlog: an older event must not bring back an older state.
  const keepNewest = database.prepare(`
    INSERT INTO alert VALUES (:id, :site, :resolved, :firedAt, :time, :number, :alert)
    ON CONFLICT (id) DO UPDATE SET
      site = excluded.site, resolved = excluded.resolved, fired_at = excluded.fired_at,
      event_time = excluded.event_time, event_number = excluded.event_number, alert = excluded.alert
    WHERE (excluded.event_time, excluded.event_number) >= (event_time, event_number)`)
  const keepPosition = database.prepare(
    'INSERT OR REPLACE INTO position VALUES (:sender, :stream, :run, :upTo, :ranges)',
  )
  const readPositions = database.prepare('SELECT sender, stream, run, up_to, ranges FROM position')
  const readAlerts = database.prepare(`
    SELECT alert FROM alert
    WHERE (:resolved IS NULL OR resolved = :resolved) AND (:site IS NULL OR site = :site)
    ORDER BY fired_at DESC, id LIMIT :limit`)
  const readAlert = database.prepare('SELECT alert FROM alert WHERE id = ?')
  const readEvents = database.prepare(`
    SELECT event FROM alert_event WHERE alert = ? AND ${ARE_ALERTS} ORDER BY time, number`)
  const readLives = database.prepare(`
    SELECT alert.alert, (
      SELECT event FROM alert_event
      WHERE alert_event.alert = alert.id AND ${ARE_ALERTS} AND event ->> 'type' = 'acknowledged'
      ORDER BY time, number LIMIT 1) AS acknowledgement
    FROM alert WHERE fired_at < :to AND (fired_at >= :from OR resolved = 0) ORDER BY fired_at, id`)
  const readSealed = database.prepare(`
    SELECT event, position, hash FROM alert_event
    WHERE time >= :from AND time < :to AND ${ARE_ALERTS} ORDER BY time, number`)
  const readLive = database.prepare(`
    SELECT event, position, hash FROM alert_event
    WHERE time < :time AND ${ARE_ALERTS} AND alert IN (
      SELECT id FROM alert WHERE fired_at < :time AND (resolved = 0 OR event_time >= :time))
    ORDER BY time, number`)
  const readNotifications = database.prepare(`
    SELECT event FROM alert_event WHERE alert = ? AND sender = '${NOTIFY}' ORDER BY position`)

  const eventsOf = (alert: string) =>
    readEvents.all(alert).map(({ event }) => JSON.parse(event as string) as AlertEvent)

  return {
    writeAlertEvents(events, { sender, stream, run, upTo, ranges }) {
      return withoutWait(database, () =>
        inTransaction(database, () => {
          const written: AlertEvent[] = []
          for (const { event, ...key } of events) {
            const { alert, time } = event
            if (eventsOf(alert.id).some(known => eventKey(known) === eventKey(event))) continue
            if (!chain.add({ ...key, event: JSON.stringify(event) })) continue
            written.push(event)
            keepNewest.run({
              id: alert.id,
              site: alert.site,
              resolved: alert.state === 'resolved' ? 1 : 0,
              firedAt: alert.firedAt,
              time,
              number: key.number,
              alert: JSON.stringify(alert),
            })
          }
          keepPosition.run({ sender, stream, run, upTo, ranges: JSON.stringify(ranges) })
          return written
        }),
      )
    },
    positions: () =>
      readPositions.all().map(row => ({
        sender: row.sender as string,
        stream: row.stream as StreamPosition['stream'],
        run: row.run as string,
        upTo: row.up_to as number,
        ranges: JSON.parse(row.ranges as string),
      })),
    alerts({ state, site, limit }) {
      const resolved = state === undefined ? null : state === 'resolved' ? 1 : 0
      const found = readAlerts.all({ resolved, site: site ?? null, limit })
      return found.map(row => JSON.parse(row.alert as string) as Alert)
    },
    alert(id) {
      const row = readAlert.get(id)
      return row && (JSON.parse(row.alert as string) as Alert)
    },
    alertChain: chain.head,
    alertLives: (from, to) =>
      readLives.all({ from, to }).map(({ alert, acknowledgement }) => {
        const event =
          acknowledgement === null ? undefined : (JSON.parse(acknowledgement as string) as AlertEvent)
        return {
          alert: JSON.parse(alert as string) as Alert,
          ...(event && { acknowledged: { time: event.time, actor: event.actor } }),
        }
      }),
    sealNotifications(run, notifications) {
      const key = { sender: NOTIFY, run: String(run) }
      withoutWait(database, () =>
        inTransaction(database, () => {
          for (const [number, notification] of notifications)
            chain.add({ ...key, number, event: JSON.stringify(notification) })
        }),
      )
    },
    notifications: id =>
      readNotifications.all(id).map(row => JSON.parse(row.event as string) as Notification),
    sealedAlertEvents: span => readSealed.all({ ...span }).map(row => toSealed<AlertEvent>(row)),
    eventsOfAlertsLiveAt: time => readLive.all({ time }).map(row => toSealed<AlertEvent>(row)),
    alertEvents: eventsOf,
  }
}
