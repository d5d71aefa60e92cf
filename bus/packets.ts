import mqttPacket, { type Packet } from 'mqtt-packet'

const { parser, writeToStream } = mqttPacket
// Its cache of all packet identifiers would hold 65,536 buffers.
writeToStream.cacheNumbers = false

/** What a broker sends, as it is read. */
export interface PacketSink {
  /** `id` is undefined where nothing has to be acknowledged. The payload shares the memory of what came with it. */
  publish(topic: string, payload: Buffer, retained: boolean, id: number | undefined): void
  /** Every other packet. */
  packet(packet: Packet): void
}

const PUBLISH = 3
const PUBACK = 0x40
/** Of the remaining length: four digits, seven bits each (MQTT 3.1.1, clause 2.2.3). */
const LONGEST_HEADER = 5

/**
 * Takes the bytes of a connection as they come and gives the packets in them. A PUBLISH and a PUBACK are read here:
 * they are nearly all that ingest and senders read, and mqtt-packet takes seven times as long for the first.
 */
export class PacketReader {
  readonly #sink: PacketSink
  readonly #others = parser({ protocolVersion: 4 })
  /** The beginning of a packet whose end has not come, and how long it must be before it is worth a look. */
  #parts: Buffer[] = []
  #held = 0
  #wanted = 0

  constructor(sink: PacketSink) {
    this.#sink = sink
    this.#others.on('packet', packet => sink.packet(packet))
    this.#others.on('error', error => {
      throw error
    })
  }

  /** @throws Error when the bytes are not MQTT 3.1.1; nothing more can be read then. */
  read(bytes: Buffer): void {
    let chunk = bytes
    while (this.#held > 0) {
      const missing = this.#wanted - this.#held
      this.#parts.push(chunk.subarray(0, missing))
      this.#held += Math.min(missing, chunk.length)
      if (chunk.length < missing) return
      const begun = Buffer.concat(this.#parts)
      chunk = chunk.subarray(missing)
      this.#parts = []
      this.#held = 0
      this.#take(begun)
    }
    this.#take(chunk)
  }

  /** Gives the complete packets at the beginning and holds the rest. */
  #take(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      let length = 0
      let body = at + 1
      let digit = 0x80
      while (digit >= 0x80 && body < bytes.length) {
        if (body - at === LONGEST_HEADER) throw new Error('the length of a packet is malformed')
        digit = bytes[body]!
        length += (digit & 0x7f) * 2 ** (7 * (body - at - 1))
        body++
      }
      const end = body + length
      if (digit >= 0x80 || end > bytes.length) {
        this.#hold(bytes.subarray(at), digit >= 0x80 ? body + 1 - at : end - at)
        return
      }
      if (bytes[at]! >> 4 === PUBLISH) this.#readPublish(bytes, bytes[at]!, body, end)
      else if (bytes[at] === PUBACK && length === 2)
        this.#sink.packet({ cmd: 'puback', messageId: bytes.readUInt16BE(body) })
      else this.#others.parse(bytes.subarray(at, end))
      at = end
    }
  }

  #hold(bytes: Buffer, wanted: number): void {
    this.#parts.push(bytes)
    this.#held = bytes.length
    this.#wanted = wanted
  }

  /** Clause 3.3. */
  #readPublish(bytes: Buffer, flags: number, from: number, to: number): void {
    const qos = (flags >> 1) & 3
    if (qos > 1) throw new Error(`a message comes with QoS ${qos}, which was not asked for`)
    const topicEnd = from + 2 + (to - from < 2 ? Infinity : bytes.readUInt16BE(from))
    const payload = topicEnd + 2 * qos
    if (payload > to) throw new Error('a message is shorter than its topic')
    const id = qos > 0 ? bytes.readUInt16BE(topicEnd) : undefined
    const topic = bytes.toString('utf8', from + 2, topicEnd)
    this.#sink.publish(topic, bytes.subarray(payload, to), (flags & 1) === 1, id)
  }
}

/** The PUBACK of each identifier, as one buffer. */
export function encodeAcknowledgements(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * ids.length)
  for (const [i, id] of ids.entries()) bytes.writeUInt32BE(((PUBACK << 24) | (2 << 16) | id) >>> 0, 4 * i)
  return bytes
}
