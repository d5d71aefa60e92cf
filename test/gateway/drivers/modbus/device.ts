import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface Request {
  unit: number
  code: number
  address: number
  count: number
}

/** The PDU of an answer, or nothing: silence. */
export type Answer = (request: Request, reply: (pdu: number[]) => void) => void

/**
 * A Modbus TCP device on the bare socket, for what no server library does on purpose: silence, late replies,
 * hang-ups. Keeps every request.
 */
export async function startDevice(answer: Answer, port = 0) {
  const requests: Request[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(socket => {
    sockets.add(socket)
    connections++
    socket.on('error', () => {})
    socket.on('data', (data: Buffer) => {
      for (let at = 0; at < data.length; at += 12) {
        const frame = data.subarray(at, at + 12)
        const request = {
          unit: frame[6]!,
          code: frame[7]!,
          address: frame.readUInt16BE(8),
          count: frame.readUInt16BE(10),
        }
        requests.push(request)
        answer(request, pdu => {
          const header = Buffer.alloc(7)
          frame.copy(header, 0, 0, 2)
          header.writeUInt16BE(pdu.length + 1, 4)
          header[6] = request.unit
          socket.write(Buffer.concat([header, Buffer.from(pdu)]))
        })
      }
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
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
