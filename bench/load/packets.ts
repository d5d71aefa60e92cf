/** The few packets of MQTT 3.1.1 that a load generator needs, laid out once, before the clock runs. */

/** A PUBLISH with QoS 1; its packet identifier is written when it is sent. */
export interface PublishPacket {
  bytes: Buffer
  idOffset: number
}

const CONNECT = 0x10
const PUBLISH_QOS_1 = 0x32
const SUBSCRIBE = 0x82
const CLEAN_SESSION = 2

export function encodeConnect(clientId: string): Buffer {
  const keepAlive = Buffer.from([0, 0])
  const head = Buffer.concat([text('MQTT'), Buffer.from([4, CLEAN_SESSION]), keepAlive])
  return packet(CONNECT, Buffer.concat([head, text(clientId)]))
}

/** With QoS 0: nothing has to be acknowledged. */
export function encodeSubscribe(filter: string): Buffer {
  return packet(SUBSCRIBE, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([0])]))
}

export function encodePublish(topic: string, payload: string): PublishPacket {
  const name = text(topic)
  const content = Buffer.from(payload)
  const bytes = packet(PUBLISH_QOS_1, Buffer.concat([name, Buffer.alloc(2), content]))
  return { bytes, idOffset: bytes.length - content.length - 2 }
}

export interface Incoming {
  type: number
  /** What follows the fixed header. */
  body: Buffer
}

/** The complete packets at the beginning of the bytes, and what is left. */
export function decodePackets(bytes: Buffer): { packets: Incoming[]; rest: Buffer } {
  const packets: Incoming[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    let length = 0
    let end = at + 1
    for (let shift = 0; ; shift += 7) {
      if (end >= bytes.length) return { packets, rest: bytes.subarray(at) }
      const digit = bytes[end++]!
      length += (digit & 0x7f) << shift
      if (digit < 0x80) break
    }
    if (end + length > bytes.length) break
    packets.push({ type: bytes[at]! >> 4, body: bytes.subarray(end, end + length) })
    at = end + length
  }
  return { packets, rest: bytes.subarray(at) }
}

function packet(type: number, body: Buffer): Buffer {
  const header = [type]
  for (let left = body.length; ; left >>= 7) {
    if (left < 0x80) {
      header.push(left)
      break
    }
    header.push((left & 0x7f) | 0x80)
  }
  return Buffer.concat([Buffer.from(header), body])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
