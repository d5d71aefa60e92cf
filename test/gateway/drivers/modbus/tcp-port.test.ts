import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ModbusRequest } from '../../../../gateway/drivers/modbus/plan-requests.ts'
import { connectTransport } from '../../../../gateway/drivers/modbus/transport.ts'
import { modbusConnection } from '../../points.ts'

const TWO_REGISTERS: ModbusRequest = { unit: 7, table: 'holding', address: 100, count: 2, points: [] }

/** A frame of Modbus TCP with what the question bore, unless told otherwise. */
function frame(question: Buffer, pdu: number[], { unit = question[6]!, protocol = 0 } = {}): Buffer {
  const head = Buffer.from([question[0]!, question[1]!, 0, protocol, 0, pdu.length + 1, unit])
  return Buffer.concat([head, Buffer.from(pdu)])
}

/** A transport to a server that hands the nth question to the nth answer, and the last answer to all others. */
async function transportTo(...answers: ((socket: Socket, question: Buffer) => void)[]) {
  const questions: Buffer[] = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', (question: Buffer) => {
      const answer = answers[Math.min(questions.length, answers.length - 1)]!
      questions.push(question)
      answer(socket, question)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const transport = await connectTransport(modbusConnection({ port, timeout: 500 }))
  onTestFinished(() => {
    transport.close()
    server.close()
  })
  return { transport, questions }
}

const GOOD = [3, 4, 1, 2, 3, 4]
const says = (pdu: number[], otherwise?: Parameters<typeof frame>[2]) => (socket: Socket, question: Buffer) =>
  void socket.write(frame(question, pdu, otherwise))

describe('frames of Modbus TCP', () => {
  it('bear a number of their own, the unit and the question', async () => {
    const { transport, questions } = await transportTo(says(GOOD))
    expect(await transport.read(TWO_REGISTERS)).toEqual([0x0102, 0x0304])
    await transport.read(TWO_REGISTERS)
    expect(questions.map(question => [...question])).toEqual([
      [0, 1, 0, 0, 0, 6, 7, 3, 0, 100, 0, 2],
      [0, 2, 0, 0, 0, 6, 7, 3, 0, 100, 0, 2],
    ])
  })

  it('are found in pieces, and one behind the other', async () => {
    const { transport } = await transportTo((socket, question) => {
      const stale = frame(Buffer.from([0xff, 0xff, ...question.subarray(2)]), GOOD)
      const bytes = Buffer.concat([stale, frame(question, GOOD)])
      socket.setNoDelay(true)
      for (const byte of bytes) socket.write(Buffer.from([byte]))
    })
    expect(await transport.read(TWO_REGISTERS)).toEqual([0x0102, 0x0304])
  })

  it.each([
    ['that are none', says(GOOD, { protocol: 1 }), 'the answer is no frame of Modbus TCP'],
    ['of another unit', says(GOOD, { unit: 9 }), 'unit 7 was asked, and unit 9 answered'],
    ['with too little', says([3, 2, 1, 2]), 'the answer has 2 bytes of data, asked for were 4'],
    ['that say another length than they have', says([3, 4, 1, 2]), 'the answer has 2 bytes of data'],
    ['to another function', says([4, 4, 1, 2, 3, 4]), 'function 3 was answered with function 4'],
    ['with an exception', says([0x83, 2]), 'exception 2'],
  ])('%s are named, and the next one is read', async (_, bad, message) => {
    const { transport } = await transportTo(bad, says(GOOD))
    const failure = await transport.read(TWO_REGISTERS).catch(error => error)
    expect(failure.message).toContain(`unit 7, holding 100 to 101: `)
    expect(failure.message).toContain(message)
    expect(await transport.read(TWO_REGISTERS)).toEqual([0x0102, 0x0304])
  })

  it('carry bits, the lowest of each byte first', async () => {
    const { transport } = await transportTo(says([1, 2, 0b0000_0101, 0b0000_0010]))
    const coils: ModbusRequest = { unit: 7, table: 'coil', address: 0, count: 10, points: [] }
    expect(await transport.read(coils)).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 1])
  })

  it('carry an identification in several answers', async () => {
    const text = (object: number, value: string) => [object, value.length, ...Buffer.from(value)]
    const { transport, questions } = await transportTo(
      says([43, 14, 1, 1, 0xff, 2, 2, ...text(0, 'Maker '), ...text(1, 'M-1')]),
      says([43, 14, 1, 1, 0, 0, 1, ...text(2, 'V2')]),
    )
    expect(await transport.identify(7)).toEqual({ vendor: 'Maker', product: 'M-1', revision: 'V2' })
    expect(questions.map(question => [...question.subarray(7)])).toEqual([
      [43, 14, 1, 0],
      [43, 14, 1, 2],
    ])
  })

  it('are asked for no more when the number of the next object leads nowhere', async () => {
    const { transport, questions } = await transportTo(says([43, 14, 1, 1, 0xff, 0, 1, 0, 1, 65]))
    expect(await transport.identify(7)).toEqual({ vendor: 'A' })
    expect(questions).toHaveLength(1)
  })
})
