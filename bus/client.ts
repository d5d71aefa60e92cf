import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { pauseAfter } from '../model/backoff.ts'
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts'
import type { Bus } from './contract.ts'
import { rank } from './rendezvous.ts'
import { readTls, type TlsFiles } from './tls.ts'
import { topicMatches } from './topics.ts'

export interface BusOptions extends Omit<ConnectionSettings, 'url' | 'tls'> {
  /** `mqtt://host:port` or `mqtts://host:port`; of a cluster all its nodes, of which any will do. */
  url: string | readonly string[]
  /** For mqtts://, whose certificates are always verified. */
  tls?: TlsFiles
  log: Logger
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 10_000
const GRANT_REPEATS = 3
const GRANT_PAUSE_MS = 300
/** Topics whose handlers are remembered. */
const REMEMBERED_TOPICS = 10_000

type Handler = (topic: string, payload: Buffer, retained: boolean) => void

/**
 * Connects in the background and returns at once, so that a gateway starts with its broker away. The bus
 * counts as connected when the broker has granted every subscription; only then are the `onConnect`
 * listeners called. Nothing is queued while it is not: the outbox is the queue.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { log } = options
  // Each client has its own order, so that the clients of a node that is lost spread over the others.
  const urls = rank([options.url].flat(), options.clientId).map(url => new URL(url))
  let url = urls[0]!
  const subscriptions = new Map<string, Set<Handler>>()
  const handlersOf = new Map<string, Handler[]>()
  const listeners = new Set<() => void>()
  let connection: Connection | undefined
  let ready = false
  let closed = false
  let failures = 0
  // One line an outage.
  let told = false
  let retry: NodeJS.Timeout | undefined

  function open(): void {
    let tls: ConnectionSettings['tls']
    try {
      tls = readTls(options.tls)
    } catch (error) {
      lose(error as Error)
      return
    }
    const opened = openConnection(
      { ...options, url, tls },
      { accepted: () => void renew(opened), message: deliver, ended: lose },
    )
    connection = opened
  }

  async function renew(accepted: Connection): Promise<void> {
    try {
      if (subscriptions.size > 0) await grant(accepted, [...subscriptions.keys()])
    } catch (error) {
      // A lost connection is no refusal.
      if (accepted.open)
        log.error({ broker: url.host, error: (error as Error).message }, 'subscriptions were not granted')
      accepted.cut()
      return
    }
    if (!accepted.open) return
    ready = true
    failures = 0
    told = false
    log.info({ broker: url.host }, 'connected to the broker')
    for (const listener of listeners) guarded(listener)
  }

  function lose(cause: Error | undefined): void {
    if (closed) return
    if (cause && !told) log.warn({ broker: url.host, error: cause.message }, 'the broker cannot be reached')
    told ||= cause !== undefined
    if (ready) log.warn({ broker: url.host }, 'the connection to the broker is lost')
    ready = false
    // The next node at once, but a pause before each round.
    const place = ++failures % urls.length
    url = urls[place]!
    const pause = place > 0 ? 0 : pauseAfter(failures / urls.length, FIRST_RETRY_MS, LONGEST_RETRY_MS)
    retry = setTimeout(open, pause)
  }

  function deliver(topic: string, payload: Buffer, retained: boolean): void {
    for (const handler of findHandlers(topic)) guarded(() => handler(topic, payload, retained), topic)
  }

  function findHandlers(topic: string): Handler[] {
    let handlers = handlersOf.get(topic)
    if (handlers) return handlers
    const matching = [...subscriptions].filter(([filter]) => topicMatches(filter, topic))
    handlers = matching.flatMap(([, found]) => [...found])
    if (handlersOf.size >= REMEMBERED_TOPICS) handlersOf.clear()
    handlersOf.set(topic, handlers)
    return handlers
  }

  function guarded(action: () => void, topic?: string): void {
    try {
      action()
    } catch (error) {
      log.error({ topic, err: error }, 'a handler failed')
    }
  }

  function end(): void {
    closed = true
    ready = false
    clearTimeout(retry)
  }

  open()
  return {
    get connected() {
      return ready
    },
    async publish(topic, payload, { retain = false } = {}) {
      if (!connection || !ready) throw new Error(`not connected to the broker ${url.host}`)
      await connection.publish(topic, payload, retain)
    },
    async subscribe(filter, handler) {
      const handlers = subscriptions.get(filter) ?? new Set()
      subscriptions.set(filter, handlers.add(handler))
      handlersOf.clear()
      const present = connection
      if (!present?.open) return
      try {
        await grant(present, [filter])
      } catch (error) {
        // A lost connection is no refusal: the next one renews the subscription.
        if (present.open) throw error
      }
    },
    onConnect(listener) {
      listeners.add(listener)
      if (ready) listener()
      return () => void listeners.delete(listener)
    },
    renew: () => connection?.cut(),
    async close() {
      end()
      await connection?.close()
    },
    cut() {
      end()
      connection?.cut()
    },
  }
}

/** A broker that is a cluster refuses what it has no leader for at this moment: it is asked again. */
async function grant(connection: Connection, wanted: readonly string[]): Promise<void> {
  let refused = await connection.subscribe(wanted)
  for (let repeats = 0; refused.length > 0 && repeats < GRANT_REPEATS; repeats++) {
    await pause(GRANT_PAUSE_MS)
    refused = await connection.subscribe(refused)
  }
  if (refused.length > 0) throw new Error(`the broker refuses the subscription to ${refused.join(', ')}`)
}
