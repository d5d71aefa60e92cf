import { once } from 'node:events'
import { createConnection } from 'node:net'
import { decodeAcknowledgement } from '../../bus/acknowledgement.ts'
import { senderOf, topics } from '../../bus/topics.ts'
import { decodePackets, encodeConnect, encodeSubscribe, type Incoming } from './packets.ts'
import type { Load, Stream } from './readings.ts'

const [CONNACK, PUBLISH, PUBACK, SUBACK] = [2, 3, 4, 9]
/** Messages that the broker may not have acknowledged yet; identifiers are 16 bits wide. */
const IN_FLIGHT = 2000
const MESSAGES_PER_WRITE = 200
/** Until ingest names its window. */
const FIRST_WINDOW = 5000

interface Progress extends Stream {
  /** Messages sent; the number up to which readings are acknowledged end to end. */
  sent: number
  upTo: number
  window: number
}

/**
 * Publishes a load over one connection, as fast as the broker takes it. With `acknowledged` it behaves as our
 * senders do: it keeps to the window of each stream and resolves when the hub has acknowledged everything;
 * otherwise when the broker has. It costs less than any MQTT library, so that it is not what is measured.
 */
export async function publish(port: number, load: Load, acknowledged: boolean): Promise<void> {
  const window = acknowledged ? FIRST_WINDOW : Infinity
  const streams = load.streams.map(
    (stream): Progress => ({ ...stream, sent: 0, upTo: stream.first - 1, window }),
  )
  const bySender = new Map(streams.map(stream => [stream.sender, stream]))
  const socket = createConnection(port, '127.0.0.1').setNoDelay()
  const done = Promise.withResolvers<void>()
  socket.on('error', done.reject)
  socket.on('close', () => done.reject(new Error('the broker closed the connection of the load')))

  let inFlight = 0
  let lastId = 0
  let turn = 0

  /** Readings under way when so many messages are sent. */
  function underWay({ first, upTo, readingsPerMessage }: Progress, sent: number): number {
    return first - 1 + sent * readingsPerMessage - upTo
  }

  function hasRoom(stream: Progress): boolean {
    const { sent, packets, window } = stream
    return sent < packets.length && underWay(stream, sent + 1) <= window
  }

  function nextStream(): Progress | undefined {
    for (let tried = 0; tried < streams.length; tried++) {
      const stream = streams[turn]!
      turn = (turn + 1) % streams.length
      if (hasRoom(stream)) return stream
    }
    return undefined
  }

  function pump(): void {
    while (inFlight < IN_FLIGHT && !socket.writableNeedDrain) {
      const parts: Buffer[] = []
      while (inFlight < IN_FLIGHT && parts.length < MESSAGES_PER_WRITE) {
        const stream = nextStream()
        if (!stream) break
        const { bytes, idOffset } = stream.packets[stream.sent++]!
        lastId = (lastId % 0xffff) + 1
        bytes.writeUInt16BE(lastId, idOffset)
        parts.push(bytes)
        inFlight++
      }
      if (parts.length === 0) break
      socket.write(Buffer.concat(parts))
    }
    if (streams.every(isFinished) && (acknowledged || inFlight === 0)) done.resolve()
  }

  function isFinished(stream: Progress): boolean {
    const { sent, packets } = stream
    return sent === packets.length && (!acknowledged || underWay(stream, sent) <= 0)
  }

  function receive({ type, body }: Incoming): void {
    if (type === PUBACK) inFlight--
    else if (type === CONNACK && acknowledged) socket.write(encodeSubscribe(topics.acknowledgements('+')))
    else if (type === PUBLISH) {
      const topicEnd = 2 + body.readUInt16BE(0)
      const stream = bySender.get(senderOf(body.toString('utf8', 2, topicEnd)))
      const answer = decodeAcknowledgement(body.subarray(topicEnd))
      if (!stream || !answer) throw new Error('an acknowledgement cannot be read')
      stream.upTo = answer.upTo
      stream.window = answer.window
    }
  }

  let rest: Buffer = Buffer.alloc(0)
  let ready = false
  socket.on('data', (data: Buffer) => {
    const decoded = decodePackets(rest.length > 0 ? Buffer.concat([rest, data]) : data)
    rest = Buffer.from(decoded.rest)
    for (const packet of decoded.packets) receive(packet)
    ready ||= decoded.packets.some(({ type }) => type === (acknowledged ? SUBACK : CONNACK))
    if (ready) pump()
  })
  socket.on('drain', pump)
  await once(socket, 'connect')
  socket.write(encodeConnect('affluent-bench'))
  try {
    await done.promise
  } finally {
    socket.removeAllListeners('close').destroy()
  }
}
