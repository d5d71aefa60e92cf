/**
 * Values in 16-bit registers, as Modbus devices lay them out. Pure; drivers read with it, simulators answer
 * with it.
 */
export const REGISTER_TYPES = [
  'bool',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
] as const
export type RegisterType = (typeof REGISTER_TYPES)[number]

export const REGISTER_ORDERS = ['big', 'little'] as const
type RegisterOrder = (typeof REGISTER_ORDERS)[number]

export interface RegisterLayout {
  type: RegisterType
  /** `big`: the first register is the most significant. */
  wordOrder: RegisterOrder
  /** Of the two bytes inside each register; `big` is what Modbus itself says. */
  byteOrder: RegisterOrder
  /** For `bool`: which bit, 0 the least significant. Without it any register but 0 is true (coils, discrete inputs). */
  bit?: number
}

const REGISTERS: Readonly<Record<RegisterType, number>> = {
  bool: 1,
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  uint64: 4,
  int64: 4,
  float32: 2,
  float64: 4,
}

// Nothing here waits, so one scratch buffer serves every call.
const scratch = new DataView(new ArrayBuffer(8))

/** How many registers a type takes. */
export function registerCount(type: RegisterType): number {
  return REGISTERS[type]
}

/**
 * The raw number or boolean in exactly `registerCount(type)` registers of 0 to 65535. A float32 comes as
 * the shortest decimal that stands for it (21.3, not 21.299999237060547). `undefined` for NaN and
 * infinities, with which devices say that they have no value.
 * @throws RangeError when the number of registers is wrong, or a 64-bit integer lies beyond ±(2^53 − 1)
 * and would lose its last digits.
 */
export function decodeRegisters(
  layout: RegisterLayout,
  registers: readonly number[],
): number | boolean | undefined {
  const { type } = layout
  const count = REGISTERS[type]
  if (registers.length !== count) {
    throw new RangeError(`${type} takes ${count} registers, got ${registers.length}`)
  }
  for (let i = 0; i < count; i++) {
    const from = layout.wordOrder === 'big' ? i : count - 1 - i
    scratch.setUint16(i * 2, registers[from]!, layout.byteOrder === 'little')
  }
  switch (type) {
    case 'bool': {
      const word = scratch.getUint16(0)
      return layout.bit === undefined ? word !== 0 : ((word >> layout.bit) & 1) === 1
    }
    case 'uint16':
      return scratch.getUint16(0)
    case 'int16':
      return scratch.getInt16(0)
    case 'uint32':
      return scratch.getUint32(0)
    case 'int32':
      return scratch.getInt32(0)
    case 'uint64':
      return safeInteger(scratch.getUint32(0), scratch.getUint32(4), type)
    case 'int64':
      return safeInteger(scratch.getInt32(0), scratch.getUint32(4), type)
    case 'float32':
      return finite(shortestFloat32(scratch.getFloat32(0)))
    case 'float64':
      return finite(scratch.getFloat64(0))
  }
}

/**
 * The registers that {@link decodeRegisters} reads back as this value. Integers are rounded to the nearest.
 * @throws RangeError when the value does not fit the type.
 */
export function encodeRegisters(layout: RegisterLayout, value: number | boolean): number[] {
  const { type } = layout
  const raw = Number(value)
  switch (type) {
    case 'bool':
      scratch.setUint16(0, raw === 0 ? 0 : 1 << (layout.bit ?? 0))
      break
    case 'uint16':
      scratch.setUint16(0, integer(raw, 0, 0xffff, type))
      break
    case 'int16':
      scratch.setInt16(0, integer(raw, -0x8000, 0x7fff, type))
      break
    case 'uint32':
      scratch.setUint32(0, integer(raw, 0, 0xffff_ffff, type))
      break
    case 'int32':
      scratch.setInt32(0, integer(raw, -0x8000_0000, 0x7fff_ffff, type))
      break
    case 'uint64':
      scratch.setBigUint64(0, BigInt(integer(raw, 0, Number.MAX_SAFE_INTEGER, type)))
      break
    case 'int64':
      scratch.setBigInt64(0, BigInt(integer(raw, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, type)))
      break
    case 'float32':
      scratch.setFloat32(0, raw)
      break
    case 'float64':
      scratch.setFloat64(0, raw)
  }
  const count = REGISTERS[type]
  const registers = new Array<number>(count)
  for (let i = 0; i < count; i++) {
    const to = layout.wordOrder === 'big' ? i : count - 1 - i
    registers[to] = scratch.getUint16(i * 2, layout.byteOrder === 'little')
  }
  return registers
}

/** The decimal with the fewest digits that rounds to this single-precision number; a whole number stays as it is. */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value
  // What sensors say has few decimals, and is found so ten times faster than by text.
  for (let decimals = 1; decimals < 9; decimals++) {
    const scaled = Math.round(value * 10 ** decimals)
    const shorter = scaled / 10 ** decimals
    if (Math.fround(shorter) === value) return shorter
    if (Math.abs(scaled) > 1e9) break
  }
  // Nine significant digits tell any two single-precision numbers apart.
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return Number(value.toPrecision(9))
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

/** `high` signed or not, `low` unsigned. */
function safeInteger(high: number, low: number, type: RegisterType): number {
  const value = high * 0x1_0000_0000 + low
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(
    `${type} beyond ±(2^53 − 1): ${(BigInt(high) << 32n) + BigInt(low)} has no exact number`,
  )
}

function integer(value: number, min: number, max: number, type: RegisterType): number {
  const rounded = Math.round(value)
  if (rounded >= min && rounded <= max) return rounded
  throw new RangeError(`${value} does not fit ${type}`)
}
