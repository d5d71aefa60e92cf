import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { encodeAcknowledgements, PacketReader } from './packets.ts'

const { generate } = mqttPacket

export interface ConnectionSettings {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: URL
  clientId: string
  username?: string
  password?: string
  will?: { topic: string; payload: string }
  /** For `mqtts:`; a certificate that cannot be verified is refused unless this says otherwise. */
  tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'>
}

export interface ConnectionEvents {
  /** The broker has accepted the connection. */
  accepted(): void
  message(topic: string, payload: Buffer, retained: boolean): void
  /** Called once, whatever ends it; the cause where there is one but `close`. */
  ended(cause: Error | undefined): void
}

/** One connection to a broker, which is not made again. MQTT 3.1.1, clean session, QoS 1. */
export interface Connection {
  /** Accepted, and not ended. */
  readonly open: boolean
  /** Resolves on the broker's PUBACK; rejects when the connection ends before. */
  publish(topic: string, payload: string | Uint8Array, retain: boolean): Promise<void>
  /** Resolves with the filters that the broker refuses; rejects when the connection ends before. */
  subscribe(filters: readonly string[]): Promise<string[]>
  /** Says goodbye where it can, so that the will stays unsaid; resolves when the connection has ended. */
  close(): Promise<void>
  /** Cuts it, as a broken line would. */
  cut(cause?: Error): void
}

const CONNECT_MS = 10_000
const KEEPALIVE_S = 30
const PING_MS = 10_000
/** A broker that lets so many pings pass without a byte is gone, whatever TCP believes. */
const SILENT_PINGS = 3
const GOODBYE_MS = 500
const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 }

/** Clause 3.2.2.3. */
const REFUSALS: Record<number, string> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it does not allow this client identifier',
  3: 'the service is unavailable',
  4: 'wrong user name or password',
  5: 'not authorized',
}

const HIGHEST_ID = 0xffff

/** Begins to connect and returns at once. */
export function openConnection(settings: ConnectionSettings, events: ConnectionEvents): Connection {
  const { url, clientId, username, password, will } = settings
  const socket = openSocket(url, settings.tls)
  /** What waits for the broker's answer, by packet identifier. */
  const waiting = new Map<number, PromiseWithResolvers<Packet>>()
  const closed = Promise.withResolvers<void>()
  let lastId = 0
  let open = false
  let cause: Error | undefined
  let unheard = 0
  let toAcknowledge: number[] = []

  const timer = setTimeout(() => cut(new Error(`no answer within ${CONNECT_MS} ms`)), CONNECT_MS)
  const pinging = setInterval(() => {
    if (!open) return
    if (++unheard > SILENT_PINGS) cut(new Error('the broker has fallen silent'))
    else write(generate({ cmd: 'pingreq' }))
  }, PING_MS)

  const reader = new PacketReader({
    publish(topic, payload, retained, id) {
      events.message(topic, payload, retained)
      if (id !== undefined) toAcknowledge.push(id)
    },
    packet(packet) {
      if (packet.cmd === 'connack') accept(packet.returnCode ?? 0)
      else if (packet.cmd === 'puback' || packet.cmd === 'suback') {
        waiting.get(packet.messageId!)?.resolve(packet)
        waiting.delete(packet.messageId!)
      }
    },
  })

  socket.setNoDelay(true)
  socket.on(url.protocol === 'mqtts:' ? 'secureConnect' : 'connect', () => {
    write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId,
        keepalive: KEEPALIVE_S,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password: Buffer.from(password) }),
        ...(will && {
          will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
        }),
      }),
    )
  })
  socket.on('data', (bytes: Buffer) => {
    unheard = 0
    try {
      reader.read(bytes)
    } catch (error) {
      cut(error as Error)
    }
    if (toAcknowledge.length === 0) return
    // All that came together is acknowledged together.
    write(encodeAcknowledgements(toAcknowledge))
    toAcknowledge = []
  })
  socket.on('error', error => {
    cause ??= error
  })
  socket.once('close', () => {
    clearTimeout(timer)
    clearInterval(pinging)
    open = false
    for (const { reject } of waiting.values())
      reject(new Error(`the connection to the broker ${url.host} is lost`))
    waiting.clear()
    closed.resolve()
    events.ended(cause)
  })

  function accept(returnCode: number): void {
    if (returnCode !== 0) {
      cut(new Error(`it refuses the connection: ${REFUSALS[returnCode] ?? `code ${returnCode}`}`))
      return
    }
    clearTimeout(timer)
    open = true
    events.accepted()
  }

  /** What is written in one go leaves in one go. */
  function write(bytes: Uint8Array): void {
    if (!socket.writable) return
    if (socket.writableCorked === 0) {
      socket.cork()
      setImmediate(() => socket.uncork())
    }
    socket.write(bytes)
  }

  function request(packetOf: (messageId: number) => Packet): Promise<Packet> {
    if (waiting.size >= HIGHEST_ID) return Promise.reject(new Error('too much is under way to the broker'))
    do lastId = (lastId % HIGHEST_ID) + 1
    while (waiting.has(lastId))
    const answer = Promise.withResolvers<Packet>()
    waiting.set(lastId, answer)
    write(generate(packetOf(lastId)))
    return answer.promise
  }

  function cut(error?: Error): void {
    cause ??= error
    socket.destroy()
  }

  return {
    get open() {
      return open
    },
    async publish(topic, payload, retain) {
      const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
      await request(messageId => {
        return { cmd: 'publish', topic, payload: bytes, qos: 1, dup: false, retain, messageId }
      })
    },
    async subscribe(filters) {
      const subscriptions = filters.map(topic => ({ topic, qos: 1 as const }))
      const answer = await request(messageId => ({ cmd: 'subscribe', subscriptions, messageId }))
      const { granted } = answer as { granted: number[] }
      return filters.filter((_, i) => granted[i]! > 2)
    },
    async close() {
      if (open) {
        open = false
        socket.end(generate({ cmd: 'disconnect' }))
        setTimeout(() => cut(), GOODBYE_MS).unref()
      } else cut()
      await closed.promise
    },
    cut,
  }
}

function openSocket(url: URL, tls: ConnectionSettings['tls']): Socket {
  const defaultPort = DEFAULT_PORTS[url.protocol]
  if (defaultPort === undefined) throw new Error(`${url.protocol}// is no address of an MQTT broker`)
  // URL keeps the brackets of an IPv6 address.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? defaultPort : Number(url.port)
  if (url.protocol === 'mqtt:') return connectTcp({ host, port })
  const servername = isIP(host) === 0 ? host : undefined
  return connectTls({ host, port, ...(servername && { servername }), ...tls })
}
