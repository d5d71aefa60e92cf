import { describe, expect, it } from 'vitest'
import {
  doubleOf,
  floatOf,
  readFields,
  textOf,
  varintOf,
} from '../../../../../gateway/drivers/mqtt/sparkplug/protobuf.ts'

const fields = (hex: string) => {
  const bytes = Uint8Array.from(hex.split(' ').map(byte => Number.parseInt(byte, 16)))
  return [...readFields(new DataView(bytes.buffer))]
}

describe('the wire format of Protocol Buffers', () => {
  // The first two are the examples of the encoding guide.
  it.each([
    ['08 96 01', varintOf, 150n],
    ['12 07 74 65 73 74 69 6e 67', textOf, 'testing'],
    ['08 ff ff ff ff ff ff ff ff ff 01', varintOf, 2n ** 64n - 1n],
    ['0d 00 00 80 3f', floatOf, 1],
    ['09 00 00 00 00 00 00 f0 bf', doubleOf, -1],
  ])('%s', (hex, read, value) => {
    expect(fields(hex).map(field => read(field))).toEqual([value])
  })

  it('keeps the order and the numbers of the fields', () => {
    expect(fields('18 05 08 01 f8 ff ff ff 0f 01').map(({ number }) => number)).toEqual([3, 1, 2 ** 29 - 1])
  })

  it.each([
    ['08', 'a varint is cut off'],
    ['08 96', 'a varint is cut off'],
    ['08 ff ff ff ff ff ff ff ff ff ff 01', 'a varint is too long'],
    ['12 07 74', 'a field is cut off'],
    ['12 ff ff ff ff ff ff ff ff ff 01 00', 'a field is cut off'],
    ['09 00 00', 'a field is cut off'],
    ['00 01', '0 is no field'],
    ['0b 0c', 'field 1 is of wire type 3'],
    ['0f', 'field 1 is of wire type 7'],
  ])('refuses %s: %s', (hex, message) => {
    expect(() => fields(hex)).toThrow(new RangeError(message))
  })

  it('refuses a value of another type', () => {
    expect(() => floatOf(fields('08 01')[0]!)).toThrow('field 1 is a varint')
    expect(() => textOf(fields('0a 01 ff')[0]!)).toThrow('field 1 is no UTF-8 text')
  })
})
