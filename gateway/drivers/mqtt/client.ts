import { connect, type MqttClient } from 'mqtt'
import { readTls } from '../../../bus/tls.ts'
import { type Address, formatAddress } from '../../../model/address.ts'
import type { MqttConnection } from '../../../registry/schema.ts'

const CONNECT_MS = 10_000
const KEEP_ALIVE_S = 30
const GOODBYE_MS = 500
/** Brokers limit them; hosted ones to as few as this. */
const FILTERS_PER_PACKET = 8
/** MQTT 3.1.1, clause 3.9.3, and every code above in MQTT 5. */
const REFUSED = 0x80
/** How long a broker of MQTT 5 keeps a persistent session; with 3.1.1 it decides by itself. */
const SESSION_S = 7 * 24 * 3600
/** What a packet is longer than its payload, at most: the topic and MQTT 5's properties. */
const HEADER_BYTES = 128 * 1024

export interface Client {
  client: MqttClient
  /** The broker has kept the session, and now delivers what came while nobody listened. */
  resumed: boolean
  /** Resolves with the cause once the connection is gone. */
  lost: Promise<Error>
}

/**
 * One connection, which is not made again: the supervised loop does that. `receive` is called from the first
 * message on.
 * @throws Error that names the broker and says why.
 */
export async function connectClient(
  connection: MqttConnection,
  address: Address | undefined,
  receive: (topic: string, payload: Buffer, retained: boolean) => void,
): Promise<Client> {
  const { version, username, password, maxPayload } = connection
  const url = address ? connection.url.replace(/(?<=:\/\/).+/, formatAddress(address)) : connection.url
  const persistent = connection.session === 'persistent'
  const client = connect(url, {
    ...readTls(connection.tls),
    ...(version === 5
      ? {
          protocolVersion: 5,
          properties: {
            maximumPacketSize: maxPayload + HEADER_BYTES,
            sessionExpiryInterval: persistent ? SESSION_S : 0,
          },
        }
      : { protocolVersion: 4 }),
    clean: !persistent,
    clientId: connection.clientId ?? `affluent-${connection.id}`,
    username,
    password,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
  })
  let cause = 'it was closed'
  const lost = new Promise<Error>(resolve => {
    client.once('close', () => resolve(new Error(`the connection to ${url} is lost: ${cause}`)))
  })
  client.on('error', error => {
    cause = error.message
    client.end(true)
  })
  client.on('disconnect', ({ reasonCode }) => {
    cause = `the broker ended it with reason ${reasonCode}`
  })
  client.on('message', (topic, payload, { retain }) => receive(topic, payload, retain))
  const connected = new Promise<boolean>(resolve => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent))
  })
  const resumed = await Promise.race([connected, lost])
  if (resumed instanceof Error) throw new Error(`cannot connect to ${url}: ${explain(cause)}`)
  return { client, resumed, lost }
}

/** Node's own advice on certificates is none for an installer. */
function explain(cause: string): string {
  return /certificate/.test(cause) ? `${cause.split(';')[0]}; name its authority in tls.ca` : cause
}

/** Subscribes with QoS 1. @returns the filters that the broker refuses */
export async function subscribe(client: MqttClient, filters: string[]): Promise<string[]> {
  const refused: string[] = []
  for (let from = 0; from < filters.length; from += FILTERS_PER_PACKET) {
    const some = filters.slice(from, from + FILTERS_PER_PACKET)
    try {
      await client.subscribeAsync(some, { qos: 1 })
    } catch (error) {
      // One refusal fails the whole call, although the broker has granted the others.
      const granted = (error as { packet?: { granted: number[] } }).packet?.granted
      if (!granted) throw error
      refused.push(...some.filter((_, i) => granted[i]! >= REFUSED))
    }
  }
  return refused
}

/** Says goodbye, bounded in time. */
export async function closeClient({ client, lost }: Client): Promise<void> {
  const cut = setTimeout(() => client.stream.destroy(), GOODBYE_MS)
  client.end()
  await lost
  clearTimeout(cut)
}
