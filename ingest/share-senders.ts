import type { Logger } from 'pino'
import type { Bus } from '../bus/contract.ts'
import type { Share } from '../bus/share.ts'
import { filters, senderOf, topics } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { SenderStatus } from '../model/delivery.ts'
import type { ReadingStore, SharedReadingStore } from '../store/readings.ts'
import { persist } from './persist.ts'
import type { Receiver } from './receiver.ts'
import type { StreamTotals } from './stream-totals.ts'

/** The senders that an ingest process works for, and what it must know to begin and end that. */
export interface SenderShare extends Share {
  /** The hash of what is in force, for the status of the process. */
  registry: { readonly hash: string }
  /** The sender of a point, where the registry knows it. */
  senderOf(point: string): string | undefined
  /** Of a store that others write to as well. */
  retain?: SharedReadingStore['retain']
}

/** What is being stored for a sender that goes to another process gets so long; then it comes again there. */
const LET_GO_MS = 5000
const GOODBYE_MS = 500

/**
 * Works for the senders of a share: lets go of them in order, reads where their streams stand when they come, and
 * then asks them to send again what nobody has acknowledged.
 */
export async function shareSenders(
  share: SenderShare,
  parts: {
    bus: Bus
    store: ReadingStore
    receiver: Receiver
    totals: StreamTotals
    clock: Clock
    log: Logger
  },
): Promise<{ close(): Promise<void> }> {
  const { bus, store, receiver, totals, clock, log } = parts
  const { member, owns, registry } = share
  const senders = new Set<string>()

  async function publish(status: Pick<SenderStatus, 'online' | 'share'>): Promise<void> {
    const full: SenderStatus = {
      version: 1,
      sender: member,
      role: 'ingest',
      registry: registry.hash,
      time: clock.now(),
      ...status,
    }
    await bus.publish(topics.status(member), JSON.stringify(full), { retain: true }).catch(error => {
      log.debug({ error: error.message }, 'the status was not taken; the next one follows')
    })
  }

  function greet(some: (sender: string) => boolean): void {
    for (const sender of senders) if (some(sender)) receiver.greet(sender)
  }

  await bus.subscribe(filters.allStatuses, topic => void senders.add(senderOf(topic)))
  const stop = bus.onConnect(() => greet(owns))
  await share.join({
    announce: status => void publish({ online: true, share: status }),
    async letGo(hurried) {
      await receiver.letGo(hurried ? 0 : LET_GO_MS)
      totals.retain(owns)
      await share.retain?.(point => owns(share.senderOf(point) ?? ''), owns)
    },
    async takeOn(gained, signal) {
      const known = await persist('reading positions', () => store.positions(), { log, signal })
      const ours = known.filter(({ sender }) => gained(sender))
      receiver.learn(ours)
      totals.add(ours, [])
    },
    begin: greet,
  })
  return {
    async close() {
      stop()
      await share.close()
      const goodbye = publish({ online: false })
      await Promise.race([goodbye, new Promise(resolve => setTimeout(resolve, GOODBYE_MS).unref())])
    },
  }
}
