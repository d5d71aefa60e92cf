import { once } from 'node:events'
import { createConnection } from 'node:net'
import { encodeConnect, type PublishPacket } from './packets.ts'

const CONNACK_LENGTH = 4
/** What a timer can do. */
const TICK_MS = 1

/**
 * Publishes packets at a steady rate over one connection, whatever becomes of them. Resolves, when the broker has
 * been handed all of them, with the time that each was sent (`performance.now()`).
 */
export async function publishPaced(
  port: number,
  packets: readonly PublishPacket[],
  packetsPerSecond: number,
): Promise<number[]> {
  const socket = createConnection(port, '127.0.0.1').setNoDelay()
  await once(socket, 'connect')
  socket.write(encodeConnect('affluent-bench-paced'))
  for (let answered = 0; answered < CONNACK_LENGTH; )
    answered += ((await once(socket, 'data')) as [Buffer])[0].length
  // Acknowledgements are for nobody, but must be taken.
  socket.resume()
  const sent: number[] = []
  const done = Promise.withResolvers<void>()
  socket.on('error', done.reject)
  socket.on('close', () => done.reject(new Error('the broker closed the connection of the load')))
  const started = performance.now()
  const timer = setInterval(() => {
    const due = Math.min(packets.length, ((performance.now() - started) * packetsPerSecond) / 1000)
    while (sent.length < due) {
      const { bytes, idOffset } = packets[sent.length]!
      bytes.writeUInt16BE((sent.length % 0xffff) + 1, idOffset)
      sent.push(performance.now())
      socket.write(bytes)
    }
    if (sent.length === packets.length) done.resolve()
  }, TICK_MS)
  try {
    await done.promise
    return sent
  } finally {
    clearInterval(timer)
    socket.removeAllListeners('close').end()
  }
}
