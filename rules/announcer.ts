import type { Logger } from 'pino'
import type { Bus, Outbox } from '../bus/contract.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import type { LiveSet } from './live-set.ts'
import { openRetainedSet } from './retained-set.ts'

/**
 * Lets the world know of alert events: journal first, then who listens here, then the retained live set. The live set
 * on disk comes last, so that nobody waits for it, but before the journal forgets what it lacks.
 */
export interface Announcer {
  /** What has been announced and not resolved, by id. */
  readonly live: ReadonlyMap<string, Alert>
  /** What the bus retains, of everybody's. */
  readonly retained: ReadonlyMap<string, Alert>
  /** What was said of alerts and has not come back from the bus; asked once, it is forgotten. */
  takeUnheard(): Alert[]
  add(event: AlertEvent): void
  /** Announces what was added. When the disk refuses, nothing is said, and the next call tries again. */
  flush(): void
  /**
   * Writes what was announced into the live set, or leaves it to the next call where the disk refuses: false.
   * @param lasting for good: before the journal forgets it
   */
  keep(lasting?: boolean): boolean
  /** Goes on with alerts of an earlier life, whose events are in the journal. */
  takeOver(alerts: readonly Alert[]): void
  /** Forgets the alerts at sites that are not ours any more, once the broker has all that was said of them. */
  letGo(hurried: boolean): Promise<void>
  close(): void
}

interface AnnouncerOptions {
  alerts: ReadonlyMap<string, Alert>
  outbox: Outbox<AlertEvent>
  liveSet: LiveSet
  bus: Bus
  /** The part of the sites that is ours, where other processes have theirs. */
  owns?(site: string): boolean
  /** See {@link openRetainedSet}. */
  onStray?(alert: Alert): void
  /** Told of events once they are in the journal, before the bus has them. */
  onJournalled?(events: readonly AlertEvent[]): void
  log: Logger
}

export async function startAnnouncer(options: AnnouncerOptions): Promise<Announcer> {
  const { outbox, liveSet, bus, owns, onStray = () => {}, onJournalled = () => {}, log } = options
  const live = new Map(options.alerts)
  const unsaid = new Map<string, Alert>()
  const unsaved = new Map<string, Alert>()
  let events: AlertEvent[] = []
  /** Whether a power cut may take some of the live set. */
  let isLoose = false
  const failing = new Set<string>()
  const retained = await openRetainedSet({ bus, live, owns, onStray })

  function announce() {
    if (events.length > 0) {
      outbox.append(events)
      const journalled = events
      events = []
      for (const { alert } of journalled) if (owns?.(alert.site) ?? true) unsaid.set(alert.id, alert)
      tell(journalled)
    }
    for (const alert of unsaid.values()) {
      if (alert.state === 'resolved') live.delete(alert.id)
      else live.set(alert.id, alert)
      retained.publish(alert)
      unsaved.set(alert.id, alert)
    }
    unsaid.clear()
  }

  /** The bus tells it, too: what goes wrong here is made good there. */
  function tell(events: readonly AlertEvent[]) {
    try {
      onJournalled(events)
    } catch (error) {
      log.error({ err: error }, 'a listener to alert events failed')
    }
  }

  function settle(lasting: boolean) {
    if (unsaved.size === 0 && !(lasting && isLoose)) return
    liveSet.save(unsaved.values(), { run: outbox.run, next: outbox.next }, lasting)
    isLoose = !lasting
    unsaved.clear()
  }

  function attempt(trouble: string, action: () => void): boolean {
    try {
      action()
      failing.delete(trouble)
    } catch (error) {
      if (!failing.has(trouble)) log.error({ err: error }, `${trouble}; trying again`)
      failing.add(trouble)
    }
    return !failing.has(trouble)
  }
  const keep = (lasting = false) => attempt('the live alerts cannot be kept', () => settle(lasting))

  return {
    live,
    retained: retained.alerts,
    takeUnheard: retained.takeUnheard,
    add: event => void events.push(event),
    flush() {
      attempt('alert events cannot be journalled', () => {
        announce()
        if (outbox.waiting === 0) retained.clearResolved()
      })
    },
    keep,
    takeOver(alerts) {
      for (const alert of alerts) unsaid.set(alert.id, alert)
    },
    async letGo(hurried) {
      if (hurried) retained.forget()
      else await retained.delivered()
      const others = [...live.values()].filter(({ site }) => !owns?.(site)).map(({ id }) => id)
      for (const id of others) live.delete(id)
      for (const those of [unsaid, unsaved])
        for (const [id, { site }] of those) if (!owns?.(site)) those.delete(id)
      events = events.filter(({ alert }) => owns?.(alert.site))
      if (others.length > 0) liveSet.forget(others)
    },
    close() {
      keep(true)
      retained.close()
    },
  }
}
