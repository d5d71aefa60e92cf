import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { Aedes } from 'aedes'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { webSocketStream } from './web-socket-stream.ts'

/** What the public listens to: a broker of its own, so that nobody outside ever reaches the one of the hub. */
export interface PublicBroker {
  /** To whoever listens now, at most once: nothing is kept for those who come later. */
  publish(topic: string, payload: string): void
  /** How many are connected. */
  clients(): number
  close(): Promise<void>
}

export interface PublicBrokerOptions {
  /** Whose address it shares, at {@link PUBLIC_BROKER_PATH}. */
  server: Server
  /** The first level of all its topics. */
  root: string
  maxClients: number
  /** How often it is looked whether a client is still there, ms. */
  pingMs?: number | undefined
  log: Logger
}

/** Where Digitraffic has its broker too. */
export const PUBLIC_BROKER_PATH = '/mqtt'

export function isForPublicBroker({ url }: Pick<IncomingMessage, 'url'>): boolean {
  return url?.split('?')[0] === PUBLIC_BROKER_PATH
}

/** A client has nothing longer to send than what it connects and subscribes with. */
const MAX_PACKET_BYTES = 16 * 1024
const MAX_UNREAD_BYTES = 256 * 1024
const MAX_SUBSCRIPTIONS = 200
const MAX_FILTER_LENGTH = 200

/**
 * MQTT 3.1.1 over WebSocket, for anybody and for reading only: whoever publishes is cut off, and there is nothing to
 * subscribe to but the topics under `root`. Sessions end with their connection, and clients cannot take each other's
 * id, so that nothing that one does is felt by another.
 */
export async function startPublicBroker(options: PublicBrokerOptions): Promise<PublicBroker> {
  const { server, root, maxClients, pingMs = 30_000, log } = options
  /** By client. */
  const subscriptions = new Map<string, Set<string>>()
  const aedes = await Aedes.createBroker({
    connectTimeout: 5000,
    drainTimeout: 1000,
    preConnect(_client, packet, connect) {
      packet.clientId = randomUUID()
      packet.clean = true
      delete packet.will
      connect(null, true)
    },
    authorizePublish: (_client, _packet, publish) => publish(new Error('nothing is taken here')),
    authorizeSubscribe(client, subscription, subscribe) {
      const { topic } = subscription
      const held = subscriptions.get(client.id) ?? new Set()
      const isOurs = topic.split('/')[0] === root && topic.length <= MAX_FILTER_LENGTH
      const isGranted = isOurs && (held.has(topic) || held.size < MAX_SUBSCRIPTIONS)
      if (isGranted) subscriptions.set(client.id, held.add(topic))
      subscribe(null, isGranted ? subscription : null)
    },
  })
  aedes.on('unsubscribe', (topics, { id }) => {
    for (const topic of topics) subscriptions.get(id)?.delete(topic)
  })
  aedes.on('clientDisconnect', ({ id }) => subscriptions.delete(id))
  aedes.on('clientError', (client, error) => log.debug({ client: client.id, error: error.message }, 'client'))
  aedes.on('connectionError', (_client, error) => log.debug({ error: error.message }, 'connection'))

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PACKET_BYTES,
    perMessageDeflate: false,
    handleProtocols: offered => [...offered].find(name => name.startsWith('mqtt')) ?? false,
  })
  const silent = new WeakSet<WebSocket>()

  function upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    connection.on('error', () => connection.destroy())
    if (sockets.clients.size >= maxClients) {
      connection.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, connection, head, socket => {
      socket.on('pong', () => silent.delete(socket))
      aedes.handle(
        webSocketStream(socket, { packetBytes: MAX_PACKET_BYTES, unreadBytes: MAX_UNREAD_BYTES }),
        request,
      )
    })
  }

  const pinging = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate()
      silent.add(socket)
      socket.ping()
    }
  }, pingMs)
  server.on('upgrade', upgrade)

  return {
    publish: (topic, payload) =>
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => {}),
    clients: () => sockets.clients.size,
    async close() {
      clearInterval(pinging)
      server.off('upgrade', upgrade)
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await new Promise<void>(resolve => aedes.close(resolve))
    },
  }
}
