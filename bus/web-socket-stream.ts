import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { packetLengths } from './packet-limit.ts'

export interface WebSocketLimits {
  /** A packet of the client that says that it is longer cuts it off, bytes. */
  packetBytes: number
  /** So much that the client has not taken cuts it off, bytes. */
  unreadBytes: number
}

/**
 * A WebSocket as the stream of one MQTT client (MQTT 3.1.1, clause 6). What is written is always taken at once, so
 * that a client that does not read holds up nobody; once too much waits for it, it is cut off.
 */
export function webSocketStream(socket: WebSocket, { packetBytes, unreadBytes }: WebSocketLimits): Duplex {
  const follow = packetLengths(length => {
    if (length > packetBytes) socket.terminate()
  })
  const send = (bytes: Buffer, taken: () => void) => {
    // Without a listener for its errors, one that breaks while it is written to would end the process.
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes, () => {})
    if (socket.bufferedAmount > unreadBytes) socket.terminate()
    taken()
  }
  const stream = new Duplex({
    // So that nobody is asked to wait.
    writableHighWaterMark: 2 * unreadBytes,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, taken) => send(chunk, taken),
    writev: (chunks, taken) => send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), taken),
    destroy(error, destroyed) {
      socket.terminate()
      destroyed(error)
    },
  })
  // aedes reads once each time that there is something, and a read gives one chunk: a client that sends a packet in
  // pieces, as MQTT.js does, would not be heard.
  const readChunk = stream.read.bind(stream)
  stream.read = () => {
    const chunks: Buffer[] = []
    for (let chunk = readChunk(); chunk !== null; chunk = readChunk()) chunks.push(chunk)
    return chunks.length > 0 ? Buffer.concat(chunks) : null
  }
  socket.on('message', (data, isBinary) => {
    // [MQTT-6.0.0-1]
    if (!isBinary) return socket.terminate()
    const bytes = data as Buffer
    follow(bytes)
    if (socket.readyState === WebSocket.OPEN && !stream.push(bytes)) socket.pause()
  })
  socket.on('close', () => stream.destroy())
  socket.on('error', () => stream.destroy())
  return stream
}
