import type { Logger } from 'pino'
import type { Bus, Outbox } from '../bus/contract.ts'
import { filters, topics } from '../bus/topics.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import type { LiveSet } from './live-set.ts'

/** Lets the world know of alert events: journal first, then the live set on disk, then the retained live set. */
export interface Announcer {
  /** What has been announced and not resolved, by id. */
  readonly live: ReadonlyMap<string, Alert>
  add(event: AlertEvent): void
  /** Announces what was added. When the disk refuses, nothing is said, and the next call tries again. */
  flush(): void
  close(): void
}

interface AnnouncerOptions {
  alerts: ReadonlyMap<string, Alert>
  outbox: Outbox<AlertEvent>
  liveSet: LiveSet
  bus: Bus
  log: Logger
}

export async function startAnnouncer(options: AnnouncerOptions): Promise<Announcer> {
  const { outbox, liveSet, bus, log } = options
  const live = new Map(options.alerts)
  const unsaved = new Map<string, Alert>()
  let events: AlertEvent[] = []
  let failing = false

  function publish(id: string, payload: string) {
    // What is lost with a connection is made good on the next one.
    bus.publish(topics.liveAlert(id), payload, { retain: true }).catch(() => {})
  }

  function announce() {
    if (events.length > 0) outbox.append(events)
    for (const { alert } of events) unsaved.set(alert.id, alert)
    events = []
    if (unsaved.size === 0) return
    liveSet.save(unsaved.values(), { run: outbox.run, next: outbox.next })
    for (const alert of unsaved.values()) {
      if (alert.state === 'resolved') live.delete(alert.id)
      else live.set(alert.id, alert)
      publish(alert.id, alert.state === 'resolved' ? '' : JSON.stringify(alert))
    }
    unsaved.clear()
  }

  // A broker may have kept an alert that was resolved while it was away, and others may write over a live one.
  await bus.subscribe(filters.allLiveAlerts, (topic, payload) => {
    const id = topic.slice(topic.lastIndexOf('/') + 1)
    const alert = live.get(id)
    const content = alert ? JSON.stringify(alert) : ''
    // What was emptied is left so: two that answer each other would never end.
    if (payload.length > 0 && payload.toString() !== content) publish(id, content)
  })
  const stop = bus.onConnect(() => {
    for (const alert of live.values()) publish(alert.id, JSON.stringify(alert))
  })

  return {
    live,
    add: event => void events.push(event),
    flush() {
      try {
        announce()
        failing = false
      } catch (error) {
        if (!failing) log.error({ err: error }, 'alert events cannot be journalled; trying again')
        failing = true
      }
    },
    close: stop,
  }
}
