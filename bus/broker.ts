import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { Logger } from 'pino'
import { type Address, formatAddress, ListenError } from '../model/address.ts'
import { MAX_MESSAGE_BYTES } from './envelope.ts'
import { limitPackets } from './packet-limit.ts'

export interface Broker {
  readonly url: string
  readonly port: number
  /** Cuts every client and frees the port. */
  close(): Promise<void>
}

/** Ingest keeps the beginning of a message that is too long; one that is even longer is not taken in at all. */
const MAX_PACKET_BYTES = 2 * MAX_MESSAGE_BYTES

/**
 * The embedded MQTT broker: MQTT 3.1.1, no shared subscriptions, retained messages kept in memory (every
 * sender publishes its retained topics again on connect). Port 0 lets the system choose. A client that
 * sends a packet which nothing of ours could be is cut off.
 * @throws ListenError when the address cannot be listened on.
 */
export async function startBroker(options: Address & { log: Logger }): Promise<Broker> {
  const { host, log } = options
  // With the default of 60 s one subscriber that stops reading would hold up every publisher.
  const aedes = await Aedes.createBroker({ drainTimeout: 1000 })
  const sockets = new Set<Socket>()
  // A small packet must not wait for the acknowledgement of the one before.
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    limitPackets(socket, MAX_PACKET_BYTES, bytes => {
      const client = socket.remoteAddress
      log.warn({ client, bytes, limit: MAX_PACKET_BYTES }, 'a client is cut off: its packet is too long')
      socket.destroy()
    })
    aedes.handle(socket)
  })
  aedes.on('clientError', (client, error) => log.debug({ client: client.id, error: error.message }, 'client'))
  aedes.on('connectionError', (_client, error) => log.debug({ error: error.message }, 'connection'))

  async function close(): Promise<void> {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
    await new Promise<void>(resolve => aedes.close(resolve))
  }

  try {
    server.listen(options.port, host)
    await once(server, 'listening')
  } catch (error) {
    await new Promise<void>(resolve => aedes.close(resolve))
    throw new ListenError('mqtt', options, error as NodeJS.ErrnoException)
  }
  // Such as no free descriptor for one more client: those that are there go on.
  server.on('error', error => log.error({ err: error }, 'the broker cannot take a client'))
  const { port } = server.address() as AddressInfo
  return { url: `mqtt://${formatAddress({ host, port })}`, port, close }
}
