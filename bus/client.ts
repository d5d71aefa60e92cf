import { connect, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import { pauseAfter } from '../model/backoff.ts'
import type { Bus } from './contract.ts'
import { topicMatches } from './topics.ts'

export interface BusOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string
  clientId: string
  username?: string
  password?: string
  /** Published by the broker, retained, when the connection is lost without a goodbye. */
  will?: { topic: string; payload: string }
  log: Logger
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 10_000
const GOODBYE_MS = 500

type Handler = (topic: string, payload: Buffer, retained: boolean) => void

/**
 * Connects in the background and returns at once, so that a gateway starts with its broker away. The bus
 * counts as connected when the broker has granted every subscription; only then are the `onConnect`
 * listeners called. Nothing is queued while it is not: the outbox is the queue.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { log } = options
  const broker = new URL(options.url).host
  const subscriptions = new Map<string, Set<Handler>>()
  const listeners = new Set<() => void>()
  const underWay = new Set<(error: Error) => void>()
  let client: MqttClient
  let ready = false
  let closed = false
  let failures = 0
  // One line an outage.
  let told = false
  let retry: NodeJS.Timeout | undefined

  // A client of mqtt.js lives for one connection: it would otherwise keep and repeat what the outbox repeats.
  function open(): void {
    const connection = connect(options.url, {
      protocolVersion: 4,
      clean: true,
      clientId: options.clientId,
      username: options.username,
      password: options.password,
      keepalive: 30,
      connectTimeout: 10_000,
      reconnectPeriod: 0,
      resubscribe: false,
      // Its own debug log costs a tenth of receiving a message, even where nobody reads it.
      log: () => {},
      will: options.will && {
        topic: options.will.topic,
        payload: Buffer.from(options.will.payload),
        qos: 1,
        retain: true,
      },
    })
    client = connection
    connection.on('connect', () => void renew(connection))
    connection.on('message', (topic, payload, packet) => {
      gatherWrites(connection)
      deliver(topic, payload, packet.retain)
    })
    connection.on('error', error => {
      if (!told && !closed) log.warn({ broker, error: error.message }, 'the broker cannot be reached')
      told = true
      connection.end(true)
    })
    connection.once('close', () => lose(connection))
  }

  async function renew(connection: MqttClient): Promise<void> {
    try {
      if (subscriptions.size > 0) await grant(connection, [...subscriptions.keys()])
    } catch (error) {
      log.error({ broker, error: (error as Error).message }, 'subscriptions were not granted')
      connection.end(true)
      return
    }
    if (connection !== client || !connection.connected) return
    ready = true
    failures = 0
    told = false
    log.info({ broker }, 'connected to the broker')
    for (const listener of listeners) guarded(listener)
  }

  function lose(connection: MqttClient): void {
    if (connection !== client) return
    if (ready && !closed) log.warn({ broker }, 'the connection to the broker is lost')
    ready = false
    for (const reject of underWay) reject(new Error(`the connection to the broker ${broker} is lost`))
    underWay.clear()
    if (closed) return
    retry = setTimeout(open, pauseAfter(++failures, FIRST_RETRY_MS, LONGEST_RETRY_MS))
  }

  /** The acknowledgements of messages that came together leave together, in one write. */
  function gatherWrites({ stream }: MqttClient): void {
    if (stream.writableCorked > 0) return
    stream.cork()
    setImmediate(() => stream.uncork())
  }

  function deliver(topic: string, payload: Buffer, retained: boolean): void {
    for (const [filter, handlers] of subscriptions) {
      if (!topicMatches(filter, topic)) continue
      for (const handler of handlers) guarded(() => handler(topic, payload, retained), topic)
    }
  }

  function guarded(action: () => void, topic?: string): void {
    try {
      action()
    } catch (error) {
      log.error({ topic, err: error }, 'a handler failed')
    }
  }

  open()
  return {
    get connected() {
      return ready
    },
    publish(topic, payload, { retain = false } = {}) {
      if (!ready) return Promise.reject(new Error(`not connected to the broker ${broker}`))
      return new Promise((resolve, reject) => {
        underWay.add(reject)
        const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
        client.publish(topic, bytes, { qos: 1, retain }, error => {
          underWay.delete(reject)
          if (error) reject(error)
          else resolve()
        })
      })
    },
    async subscribe(filter, handler) {
      const handlers = subscriptions.get(filter) ?? new Set()
      subscriptions.set(filter, handlers.add(handler))
      const connection = client
      if (!connection.connected) return
      try {
        await grant(connection, [filter])
      } catch (error) {
        // A lost connection is no refusal: the next one renews the subscription.
        if (connection === client && connection.connected) throw error
      }
    },
    onConnect(listener) {
      listeners.add(listener)
      if (ready) listener()
      return () => void listeners.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(retry)
      if (!ready) {
        client.end(true)
        return
      }
      const cut = setTimeout(() => client.stream.destroy(), GOODBYE_MS)
      await new Promise<void>(resolve => {
        client.once('close', () => resolve())
        client.end()
      })
      clearTimeout(cut)
    },
  }
}

async function grant(connection: MqttClient, wanted: string[]): Promise<void> {
  const lost = Promise.withResolvers<never>()
  const onClose = () => lost.reject(new Error('the connection was lost'))
  connection.once('close', onClose)
  try {
    const granted = await Promise.race([connection.subscribeAsync(wanted, { qos: 1 }), lost.promise])
    const refused = granted.filter(grant => grant.qos === 128).map(grant => grant.topic)
    if (refused.length > 0) throw new Error(`the broker refuses the subscription to ${refused.join(', ')}`)
  } finally {
    connection.off('close', onClose)
  }
}
