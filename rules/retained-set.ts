import { decodeLiveAlert } from '../bus/alert-codec.ts'
import type { Bus } from '../bus/contract.ts'
import { filters, topics } from '../bus/topics.ts'
import { type Alert, isLaterState } from '../model/alert.ts'

/** The live set as the bus retains it: one topic an alert. */
export interface RetainedSet {
  /** What it holds of everybody's, by id, as far as was heard or said. */
  readonly alerts: ReadonlyMap<string, Alert>
  /** What was published and has not come back; asked once, it is forgotten. */
  takeUnheard(): Alert[]
  /** Forgets what was heard: a new connection tells it again. */
  forget(): void
  publish(alert: Alert): void
  /** Empties the topics of alerts that are resolved, now that the records know of their end. */
  clearResolved(): void
  /** Resolves when the broker has what was published, or the connection is lost. */
  delivered(): Promise<void>
  close(): void
}

/** Brokers that deliver again do so out of order: so many alerts are remembered as ended. */
const MOST_ENDED = 10_000

interface RetainedSetOptions {
  bus: Bus
  /** Our own live alerts, by id. */
  live: ReadonlyMap<string, Alert>
  /** The part of the sites that is ours, where others have theirs; without it all of them. */
  owns?(site: string): boolean
  /** An alert at a site of ours was published by another, and not before we took the site over. */
  onStray(alert: Alert): void
}

/**
 * Keeps the retained topics of our alerts as they are, whatever a broker has kept or others write. Alerts at
 * the sites of others are left alone. Where there are others, a resolved alert stays until the records have its
 * end: whoever takes over then tells it.
 */
export async function openRetainedSet(options: RetainedSetOptions): Promise<RetainedSet> {
  const { bus, live, owns, onStray } = options
  const alerts = new Map<string, Alert>()
  const unheard = new Map<string, Alert>()
  const resolved = new Set<string>()
  const ended = new Set<string>()
  const underWay = new Set<Promise<void>>()

  function send(id: string, payload: string): void {
    // What is lost with a connection is made good on the next one.
    const sending = bus
      .publish(topics.liveAlert(id), payload, { retain: true })
      .catch(() => {})
      .finally(() => underWay.delete(sending))
    underWay.add(sending)
  }

  /** A state never goes back, whatever is heard late. */
  function note(id: string, alert: Alert | undefined): void {
    if (!alert || alert.state === 'resolved') {
      ended.add(id)
      if (ended.size > MOST_ENDED) ended.delete(ended.values().next().value!)
    }
    if (!alert) alerts.delete(id)
    else if (alert.state === 'resolved' || !ended.has(id)) {
      const known = alerts.get(id)
      if (!known || !isLaterState(known, alert)) alerts.set(id, alert)
    }
  }

  function publish(alert: Alert): void {
    note(alert.id, alert)
    unheard.set(alert.id, alert)
    if (alert.state !== 'resolved') send(alert.id, JSON.stringify(alert))
    else if (!owns) send(alert.id, '')
    else {
      resolved.add(alert.id)
      send(alert.id, JSON.stringify(alert))
    }
  }

  function hear(topic: string, payload: Buffer, retained: boolean): void {
    const id = topic.slice(topic.lastIndexOf('/') + 1)
    const own = live.get(id)
    const found = decodeLiveAlert(payload)
    unheard.delete(id)
    note(id, found?.id === id ? found : undefined)
    // What was emptied is left so: two that answer each other would never end.
    if (payload.length === 0) return
    if (own) {
      if (payload.toString() !== JSON.stringify(own)) send(id, JSON.stringify(own))
    } else if (!owns) send(id, '')
    else if (!found || !owns(found.site) || resolved.has(id) || (ended.has(id) && found.state !== 'resolved'))
      return
    else if (found.state === 'resolved') resolved.add(id)
    else if (!retained) onStray(found)
  }

  // A broker may have kept an alert that was resolved while it was away, and others may write over a live one.
  await bus.subscribe(filters.allLiveAlerts, hear)
  const stop = bus.onConnect(() => {
    for (const alert of live.values()) publish(alert)
  })
  return {
    alerts,
    takeUnheard() {
      const found = [...unheard.values()]
      unheard.clear()
      return found
    },
    forget: () => alerts.clear(),
    publish,
    clearResolved() {
      if (!bus.connected) return
      for (const id of resolved) send(id, '')
      resolved.clear()
    },
    async delivered() {
      await Promise.all(underWay)
    },
    close: stop,
  }
}
