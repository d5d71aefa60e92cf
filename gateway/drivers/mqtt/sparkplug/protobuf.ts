/**
 * The wire format of Protocol Buffers, as far as Sparkplug B needs it: varints, fixed 32 and 64 bits, and
 * bytes. Groups, which proto2 has given up, are refused.
 */
export type Field =
  | { number: number; type: 'varint'; value: bigint }
  | { number: number; type: 'fixed64' | 'fixed32' | 'bytes'; value: DataView }

const LONGEST_VARINT = 10

/**
 * The fields of one message, in the order of the wire.
 * @throws RangeError for bytes that are no message.
 */
export function* readFields(message: DataView): Iterable<Field> {
  let at = 0

  function varint(): bigint {
    let value = 0n
    for (let length = 0; length < LONGEST_VARINT; length++) {
      if (at >= message.byteLength) throw new RangeError('a varint is cut off')
      const byte = message.getUint8(at++)
      value |= BigInt(byte & 0x7f) << BigInt(7 * length)
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a varint is too long')
  }

  function bytes(length: number): DataView {
    if (length > message.byteLength - at) throw new RangeError('a field is cut off')
    const view = new DataView(message.buffer, message.byteOffset + at, length)
    at += length
    return view
  }

  while (at < message.byteLength) {
    const tag = varint()
    const number = Number(tag >> 3n)
    if (number === 0 || number >= 2 ** 29) throw new RangeError(`${number} is no field`)
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, type: 'varint', value: varint() }
        break
      case 1:
        yield { number, type: 'fixed64', value: bytes(8) }
        break
      case 2:
        yield { number, type: 'bytes', value: bytes(Number(varint())) }
        break
      case 5:
        yield { number, type: 'fixed32', value: bytes(4) }
        break
      default:
        throw new RangeError(`field ${number} is of wire type ${tag & 7n}`)
    }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws RangeError when the field is of another type. */
export function varintOf(field: Field): bigint {
  if (field.type !== 'varint') throw mistyped(field)
  return field.value
}

export function floatOf(field: Field): number {
  if (field.type !== 'fixed32') throw mistyped(field)
  return field.value.getFloat32(0, true)
}

export function doubleOf(field: Field): number {
  if (field.type !== 'fixed64') throw mistyped(field)
  return field.value.getFloat64(0, true)
}

export function messageOf(field: Field): DataView {
  if (field.type !== 'bytes') throw mistyped(field)
  return field.value
}

export function textOf(field: Field): string {
  try {
    return decoder.decode(messageOf(field))
  } catch (error) {
    if (error instanceof TypeError) throw new RangeError(`field ${field.number} is no UTF-8 text`)
    throw error
  }
}

function mistyped({ number, type }: Field): RangeError {
  return new RangeError(`field ${number} is a ${type}`)
}
