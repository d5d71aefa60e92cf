import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { encodeAcknowledgements, PacketReader } from '../../bus/packets.ts'

function reading(): { reader: PacketReader; seen: unknown[] } {
  const seen: unknown[] = []
  const reader = new PacketReader({
    publish: (topic, payload, retained, id) => void seen.push({ topic, payload: `${payload}`, retained, id }),
    packet: packet => void seen.push(packet.cmd === 'puback' ? packet.messageId : packet.cmd),
  })
  return { reader, seen }
}

const publish = (payload: string, messageId?: number): Packet => ({
  cmd: 'publish',
  topic: 'é/1',
  payload,
  qos: messageId === undefined ? 0 : 1,
  dup: false,
  retain: messageId === 7,
  messageId,
})

describe('packets', () => {
  it('are the same however their bytes are cut', () => {
    // Of each width of the length: 1, 2 and 3 digits.
    const packets = [0, 3, 200, 20_000].flatMap((length, i): Packet[] => [
      publish('x'.repeat(length), i + 6),
      { cmd: 'pingresp' },
      publish('y'.repeat(length)),
      { cmd: 'puback', messageId: 0xa000 + length },
    ])
    const bytes = Buffer.concat(packets.map(packet => generate(packet)))
    const whole = reading()
    whole.reader.read(bytes)
    expect(whole.seen).toHaveLength(packets.length)
    expect(whole.seen).toMatchObject([
      { topic: 'é/1', payload: '', retained: false, id: 6 },
      'pingresp',
      { topic: 'é/1', payload: '', retained: false, id: undefined },
      0xa000,
      { payload: 'xxx', retained: true, id: 7 },
      ...Array(11).fill(expect.anything()),
    ])
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30_000 })),
        fc.integer({ min: 0, max: 20 }),
        (cuts, small) => {
          const { reader, seen } = reading()
          let at = 0
          for (const size of [...Array<number>(small).fill(1), ...cuts, bytes.length]) {
            reader.read(bytes.subarray(at, at + size))
            at += size
          }
          expect(seen).toEqual(whole.seen)
        },
      ),
    )
    const { reader, seen } = reading()
    for (let at = 0; at < bytes.length; at++) reader.read(bytes.subarray(at, at + 1))
    expect(seen).toEqual(whole.seen)
  })

  it.each([
    ['a length of five digits', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a message with QoS 2', [0x34, 5, 0, 1, 97, 0, 1]],
    ['a message without a topic', [0x30, 1, 0]],
    ['a message shorter than its topic', [0x30, 3, 0, 9, 97]],
    ['a message without its identifier', [0x32, 4, 0, 1, 97, 0]],
    ['a packet that does not exist', [0x00, 0]],
    ['a grant that does not exist', [0x90, 3, 0, 1, 9]],
  ])('that are not MQTT 3.1.1 are refused: %s', (_, bytes) => {
    expect(() => reading().reader.read(Buffer.from(bytes))).toThrow()
  })

  it('acknowledge in bulk', () => {
    const ids: unknown[] = []
    const check = parser({ protocolVersion: 4 })
    check.on('packet', packet => ids.push([packet.cmd, packet.messageId]))
    check.parse(encodeAcknowledgements([1, 0xff, 0x100, 0xffff]))
    expect(ids).toEqual([1, 0xff, 0x100, 0xffff].map(id => ['puback', id]))
  })
})
