import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { Logger } from 'pino'

export interface Broker {
  readonly url: string
  readonly port: number
  /** Cuts every client and frees the port. */
  close(): Promise<void>
}

/**
 * The embedded MQTT broker: MQTT 3.1.1, no shared subscriptions, retained messages kept in memory (every
 * sender publishes its retained topics again on connect). Port 0 lets the system choose.
 * @throws Error naming the address when it cannot be listened on.
 */
export async function startBroker(settings: { host: string; port: number; log: Logger }): Promise<Broker> {
  const { host, log } = settings
  // With the default of 60 s one subscriber that stops reading would hold up every publisher.
  const aedes = await Aedes.createBroker({ drainTimeout: 1000 })
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
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
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(settings.port, host, resolve)
    })
  } catch (error) {
    await new Promise<void>(resolve => aedes.close(resolve))
    throw new Error(whyNotListening(host, settings.port, error as NodeJS.ErrnoException), { cause: error })
  }
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : settings.port
  return { url: `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`, port, close }
}

function whyNotListening(host: string, port: number, error: NodeJS.ErrnoException): string {
  const place = `${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return `MQTT: ${place} is in use; stop the other program or choose another port with --mqtt-port`
  if (error.code === 'EACCES')
    return `MQTT: ${place} is not allowed; choose a port above 1023 with --mqtt-port`
  return `MQTT: cannot listen on ${place}: ${error.message}`
}
