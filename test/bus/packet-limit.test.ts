import { connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { packetLengths } from '../../bus/packet-limit.ts'
import { recordingLog } from './fixtures.ts'

const MIB = 1024 ** 2

/** The fixed header of a publish (MQTT 3.1.1, clause 2.2.3). */
function header(length: number): Buffer {
  const bytes = [0x30]
  for (let rest = length; bytes.length === 1 || rest > 0; rest = Math.floor(rest / 128))
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
  return Buffer.from(bytes)
}

/** A clean session of MQTT 3.1.1 without keep-alive. */
function connectPacket(clientId: string): Buffer {
  const fixed = Buffer.from([0x10, 12 + clientId.length, 0, 4])
  return Buffer.concat([
    fixed,
    Buffer.from('MQTT\x04\x02\0\0\0'),
    Buffer.from([clientId.length]),
    Buffer.from(clientId),
  ])
}

it('tells the length of every packet, however the stream is cut', () => {
  const bodies = [0, 95, 205, 20_005, 3_000_005, 0]
  const packets = bodies.map(length => Buffer.concat([header(length), Buffer.alloc(length, 0xff)]))
  const stream = Buffer.concat(packets)
  for (const size of [1, 3, 4096, stream.length]) {
    const lengths: number[] = []
    const follow = packetLengths(length => lengths.push(length))
    for (let at = 0; at < stream.length; at += size) follow(stream.subarray(at, at + size))
    expect(lengths).toEqual(bodies)
  }
})

it('cuts a client off that announces a packet too long for anybody, and lets the others be', async () => {
  const { log, lines } = recordingLog()
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log })
  onTestFinished(() => broker.close())
  const open = async (clientId: string) => {
    const socket = connect(broker.port, '127.0.0.1')
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    const said: Buffer[] = []
    socket.on('data', (chunk: Buffer) => said.push(chunk))
    socket.write(connectPacket(clientId))
    await vi.waitFor(() => expect(Buffer.concat(said)).toHaveLength(4), 5000)
    return { socket, said }
  }
  const [good, mad] = [await open('good'), await open('mad')]
  mad.socket.write(header(200 * MIB))
  await vi.waitFor(() => expect(mad.socket.destroyed || mad.socket.readableEnded).toBe(true), 5000)
  expect(lines.join('')).toContain(`"bytes":${200 * MIB}`)
  good.socket.write(Buffer.from([0xc0, 0]))
  await vi.waitFor(() => expect(Buffer.concat(good.said)).toHaveLength(6), 5000)
})
