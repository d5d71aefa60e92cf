import type { Socket } from 'node:net'

/**
 * Follows the packets in the bytes of one client and calls `refuse` for one that says that it is longer
 * than allowed, before its bytes are gathered: the fixed header of MQTT tells its length (3.1.1, clause 2.2.3).
 */
export function limitPackets(socket: Socket, maxBytes: number, refuse: (bytes: number) => void): void {
  const follow = packetLengths(length => {
    if (length > maxBytes) refuse(length)
  })
  const read = socket.read.bind(socket)
  socket.read = size => {
    const chunk: Buffer | null = read(size)
    if (chunk) follow(chunk)
    return socket.destroyed ? null : chunk
  }
}

/** Tells the remaining length of every packet of a stream, once its header is there. */
export function packetLengths(tell: (length: number) => void): (chunk: Buffer) => void {
  /** Bytes until the next header, or -1 in a header. */
  let ahead = 0
  let length = 0
  let place = 1
  return chunk => {
    let at = 0
    while (at < chunk.length) {
      if (ahead > 0) {
        const passed = Math.min(ahead, chunk.length - at)
        ahead -= passed
        at += passed
      } else if (ahead === 0) {
        at++
        ahead = -1
        length = 0
        place = 1
      } else {
        const byte = chunk[at++]!
        length += (byte & 0x7f) * place
        place *= 128
        // Four bytes at most; what has more is for the parser to refuse.
        if (byte < 0x80 || place > 128 ** 4) {
          ahead = length
          tell(length)
        }
      }
    }
  }
}
