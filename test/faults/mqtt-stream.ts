const PUBLISH = 3
const DUPLICATE = 0x08
const QOS_1 = 0x02

/**
 * Cuts a stream of bytes at the borders of MQTT packets (MQTT 3.1.1, 2.2) and gives back what is to be passed
 * on, each publish packet that asks for an acknowledgement twice when that is wanted.
 */
export function repeatPublishes(): (bytes: Buffer, twice: boolean) => Buffer[] {
  let pending: Buffer = Buffer.alloc(0)
  return (bytes, twice) => {
    pending = Buffer.concat([pending, bytes])
    const packets: Buffer[] = []
    for (;;) {
      const length = packetLength(pending)
      if (length === undefined || pending.length < length) return packets
      const packet = pending.subarray(0, length)
      pending = pending.subarray(length)
      packets.push(packet)
      if (twice && isAcknowledgedPublish(packet)) packets.push(repetition(packet))
    }
  }
}

function isAcknowledgedPublish(packet: Buffer): boolean {
  return packet[0]! >> 4 === PUBLISH && (packet[0]! & QOS_1) !== 0
}

function repetition(packet: Buffer): Buffer {
  const again = Buffer.from(packet)
  again[0]! |= DUPLICATE
  return again
}

/** The length of the packet that begins here; undefined where that cannot be told yet. */
function packetLength(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at < Math.min(bytes.length, 5); at++) {
    length += (bytes[at]! & 0x7f) * 128 ** (at - 1)
    if (bytes[at]! < 0x80) return at + 1 + length
  }
  return undefined
}
