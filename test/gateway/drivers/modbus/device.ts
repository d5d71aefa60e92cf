import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { crc16 } from '../../../../model/modbus.ts'

export interface Request {
  unit: number
  code: number
  address: number
  count: number
}

/** The PDU of an answer, or nothing: silence. */
export type Answer = (request: Request, reply: (pdu: number[]) => void) => void

/** What carries a request and its answer: all that a request that reads is framed by, and how an answer is. */
interface Framing {
  requestLength: number
  /** Where unit, function, address and count stand. */
  at: number
  frame(request: Buffer, pdu: number[]): Buffer
}

const TCP: Framing = {
  requestLength: 12,
  at: 6,
  frame(request, pdu) {
    const header = Buffer.from(request.subarray(0, 7))
    header.writeUInt16BE(pdu.length + 1, 4)
    return Buffer.concat([header, Buffer.from(pdu)])
  },
}

const RTU: Framing = { requestLength: 8, at: 0, frame: (request, pdu) => rtuFrame([request[0]!, ...pdu]) }

/** Bytes with their CRC. */
export function rtuFrame(bytes: number[]): Buffer {
  const crc = crc16(Buffer.from(bytes))
  return Buffer.from([...bytes, crc & 0xff, crc >> 8])
}

/**
 * A Modbus device on the bare socket, for what no server library does on purpose: silence, late replies, noise,
 * hang-ups. Keeps every request.
 */
export async function startDevice(answer: Answer, port = 0, framing: 'tcp' | 'rtu' = 'tcp') {
  const { requestLength, at: start, frame } = framing === 'tcp' ? TCP : RTU
  const requests: Request[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(socket => {
    sockets.add(socket)
    connections++
    socket.on('error', () => {})
    socket.on('data', (data: Buffer) => {
      for (let at = 0; at < data.length; at += requestLength) {
        const asked = data.subarray(at, at + requestLength)
        const request = {
          unit: asked[start]!,
          code: asked[start + 1]!,
          address: asked.readUInt16BE(start + 2),
          count: asked.readUInt16BE(start + 4),
        }
        requests.push(request)
        answer(request, pdu => socket.write(frame(asked, pdu)))
      }
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    /** Sends bytes that nobody asked for. */
    say: (bytes: Uint8Array) => {
      for (const socket of sockets) socket.write(bytes)
    },
    hangUp: () => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function registers({ code }: Request, values: number[]): number[] {
  return [code, values.length * 2, ...values.flatMap(value => [value >> 8, value & 0xff])]
}

export function exception({ code }: Request, exceptionCode: number): number[] {
  return [code | 0x80, exceptionCode]
}
