/**
 * Values in 16-bit registers, as Modbus devices lay them out. Pure; drivers read with it, simulators answer
 * with it.
 */
type Kind = 'bool' | 'uint' | 'int' | 'float' | 'bcd' | 'string'

/** What a type is, and how many bits its registers have; a string has as many as its layout says. */
const TYPES = {
  bool: { kind: 'bool', width: 16 },
  uint16: { kind: 'uint', width: 16 },
  int16: { kind: 'int', width: 16 },
  uint32: { kind: 'uint', width: 32 },
  int32: { kind: 'int', width: 32 },
  uint48: { kind: 'uint', width: 48 },
  int48: { kind: 'int', width: 48 },
  uint64: { kind: 'uint', width: 64 },
  int64: { kind: 'int', width: 64 },
  float32: { kind: 'float', width: 32 },
  float64: { kind: 'float', width: 64 },
  bcd16: { kind: 'bcd', width: 16 },
  bcd32: { kind: 'bcd', width: 32 },
  bcd48: { kind: 'bcd', width: 48 },
  bcd64: { kind: 'bcd', width: 64 },
  string: { kind: 'string', width: 0 },
} as const satisfies Record<string, { kind: Kind; width: number }>

export type RegisterType = keyof typeof TYPES
export const REGISTER_TYPES = Object.keys(TYPES) as [RegisterType, ...RegisterType[]]

/** Those of numbers. */
export const NUMBER_TYPES = REGISTER_TYPES.filter(type => type !== 'bool' && type !== 'string')

export const REGISTER_ORDERS = ['big', 'little'] as const
type RegisterOrder = (typeof REGISTER_ORDERS)[number]

/**
 * Of the words of a value. The four of 64 bits may also be `big-little` (the halves of 32 bits as `big`, the two words of
 * each turned round) or `little-big` (the halves turned round, their words as `big`).
 */
export const WORD_ORDERS = [...REGISTER_ORDERS, 'big-little', 'little-big'] as const
export type WordOrder = (typeof WORD_ORDERS)[number]

/** The orders that a value of so many registers may have. */
export function wordOrdersOf(registers: number): readonly WordOrder[] {
  if (registers === 1) return ['big']
  return registers === 4 ? WORD_ORDERS : REGISTER_ORDERS
}

export interface RegisterLayout {
  type: RegisterType
  /** `big`: the first register is the most significant. */
  wordOrder: WordOrder
  /** Of the two bytes inside each register; `big` is what Modbus itself says. */
  byteOrder: RegisterOrder
  /** For `bool`: which bit, 0 the least significant. Without it any register but 0 is true (coils, discrete inputs). */
  bit?: number
  /** Of an integer of 16 or 32 bits only these count, 0 the least significant; those of an `int` have a sign. */
  bits?: { first: number; count: number }
  /** How many registers a string has. */
  length?: number
  /** With these the device says that it has no value: as the type reads them, or as they stand in the registers (0x8000). */
  unavailable?: readonly number[]
}

// Nothing here waits, so one scratch buffer serves every call.
const scratch = new DataView(new ArrayBuffer(8))

export function kindOf(type: RegisterType): Kind {
  return TYPES[type].kind
}

/** How many bits the registers of a number or a bool have, 16 each. */
export function bitCount(type: RegisterType): number {
  return TYPES[type].width
}

/** How many registers a value takes. */
export function registerCount({ type, length = 1 }: Pick<RegisterLayout, 'type' | 'length'>): number {
  return type === 'string' ? length : TYPES[type].width / 16
}

/**
 * The raw number, boolean or text in exactly `registerCount(layout)` registers of 0 to 65535. A float32 comes as
 * the shortest decimal that stands for it (21.3, not 21.299999237060547); a string ends before its first NUL, and
 * without the spaces that fill it. `undefined` where the device says that it has no value: with NaN, an infinity, an
 * empty string, or what the layout names.
 * @throws RangeError when the number of registers is wrong, a 64-bit integer lies beyond ±(2^53 − 1)
 * and would lose its last digits, a BCD has a digit beyond 9, or a string has bytes that are no ASCII text.
 */
export function decodeRegisters(
  layout: RegisterLayout,
  registers: readonly number[],
): number | boolean | string | undefined {
  const { type, unavailable } = layout
  const count = registerCount(layout)
  if (registers.length !== count) {
    throw new RangeError(`${type} takes ${count} registers, got ${registers.length}`)
  }
  const kind = kindOf(type)
  if (kind === 'string') return decodeText(layout, registers)
  // At the end of the eight bytes, where a whole number of any width can be read.
  scratch.setUint32(0, 0)
  scratch.setUint32(4, 0)
  for (let i = 0; i < count; i++) {
    scratch.setUint16(
      8 - 2 * (count - i),
      registers[placeOf(i, count, layout)]!,
      layout.byteOrder === 'little',
    )
  }
  if (unavailable?.includes(unsigned())) return undefined
  const raw = readScratch(kind, layout)
  return unavailable?.includes(raw as number) ? undefined : raw
}

function readScratch(
  kind: Exclude<Kind, 'string'>,
  { type, bit, bits }: RegisterLayout,
): number | boolean | undefined {
  switch (kind) {
    case 'bool': {
      const word = scratch.getUint16(6)
      return bit === undefined ? word !== 0 : ((word >> bit) & 1) === 1
    }
    case 'float':
      return finite(type === 'float32' ? shortestFloat32(scratch.getFloat32(4)) : scratch.getFloat64(0))
    case 'bcd':
      return decimalDigits(type)
    case 'uint':
      return bits ? field(bits, false) : safeInteger(scratch.getUint32(0), type)
    case 'int':
      return bits ? field(bits, true) : signed(type)
  }
}

/**
 * The registers that {@link decodeRegisters} reads back as this value. Whole numbers are rounded to the nearest.
 * @throws RangeError when the value does not fit the type.
 */
export function encodeRegisters(layout: RegisterLayout, value: number | boolean | string): number[] {
  const { type, bits } = layout
  if (type === 'string') return encodeText(layout, String(value))
  const raw = Number(value)
  const width = bits?.count ?? bitCount(type)
  scratch.setBigUint64(0, 0n)
  switch (kindOf(type)) {
    case 'bool':
      scratch.setUint16(6, raw === 0 ? 0 : 1 << (layout.bit ?? 0))
      break
    case 'float':
      if (type === 'float32') scratch.setFloat32(4, raw)
      else scratch.setFloat64(0, raw)
      break
    case 'bcd': {
      const digits = width / 4
      const whole = integer(raw, 0, Math.min(10 ** digits - 1, Number.MAX_SAFE_INTEGER), type)
      scratch.setBigUint64(0, BigInt(`0x${whole}`))
      break
    }
    case 'uint': {
      const whole = integer(raw, 0, Math.min(2 ** width - 1, Number.MAX_SAFE_INTEGER), type)
      scratch.setBigUint64(0, BigInt(whole) << BigInt(bits?.first ?? 0))
      break
    }
    case 'int': {
      const limit = Math.min(2 ** (width - 1), Number.MAX_SAFE_INTEGER + 1)
      const least = Math.max(-limit, Number.MIN_SAFE_INTEGER)
      const whole = BigInt.asUintN(width, BigInt(integer(raw, least, limit - 1, type)))
      scratch.setBigUint64(0, whole << BigInt(bits?.first ?? 0))
    }
  }
  const count = registerCount(layout)
  const registers = new Array<number>(count)
  for (let i = 0; i < count; i++) {
    registers[placeOf(i, count, layout)] = scratch.getUint16(
      8 - 2 * (count - i),
      layout.byteOrder === 'little',
    )
  }
  return registers
}

/** In which register a word is, 0 the most significant. */
function placeOf(word: number, count: number, { wordOrder }: RegisterLayout): number {
  switch (wordOrder) {
    case 'big':
      return word
    case 'little':
      return count - 1 - word
    case 'big-little':
      return word ^ 1
    case 'little-big':
      return word ^ 2
  }
}

/** Two characters a register, the first in the high byte. */
function decodeText(layout: RegisterLayout, registers: readonly number[]): string | undefined {
  const bytes = inOrder(layout, registers).flatMap(word => [word >> 8, word & 0xff])
  const end = bytes.indexOf(0)
  const text = String.fromCharCode(...(end < 0 ? bytes : bytes.slice(0, end))).trim()
  if (/[^ -~]/.test(text)) throw new RangeError(`${JSON.stringify(text)} is no ASCII text`)
  return text === '' ? undefined : text
}

/** Filled with NUL. */
function encodeText(layout: RegisterLayout, text: string): number[] {
  const count = registerCount(layout)
  if (text.length > 2 * count || /[^ -~]/.test(text))
    throw new RangeError(`${JSON.stringify(text)} does not fit a string of ${count} registers`)
  const codes = text.padEnd(2 * count, '\0')
  const words = Array.from(
    { length: count },
    (_, i) => (codes.charCodeAt(2 * i) << 8) | codes.charCodeAt(2 * i + 1),
  )
  return inOrder(layout, words)
}

/** Registers as Modbus itself orders words and bytes, or back from there. */
function inOrder({ wordOrder, byteOrder }: RegisterLayout, registers: readonly number[]): number[] {
  const words = wordOrder === 'big' ? [...registers] : registers.toReversed()
  return byteOrder === 'big' ? words : words.map(word => ((word & 0xff) << 8) | (word >> 8))
}

/** What stands in the scratch, without a sign; the last digits of 64 bits are rounded. */
function unsigned(): number {
  return scratch.getUint32(0) * 2 ** 32 + scratch.getUint32(4)
}

function signed(type: RegisterType): number {
  const width = bitCount(type)
  if (width === 64) return safeInteger(scratch.getInt32(0), type)
  const value = unsigned()
  return value >= 2 ** (width - 1) ? value - 2 ** width : value
}

/** Some bits of an integer of at most 32. */
function field({ first, count }: { first: number; count: number }, hasSign: boolean): number {
  const value = Math.floor(scratch.getUint32(4) / 2 ** first) % 2 ** count
  return hasSign && value >= 2 ** (count - 1) ? value - 2 ** count : value
}

/** Four bits a digit. */
function decimalDigits(type: RegisterType): number {
  const digits = scratch.getBigUint64(0).toString(16)
  const value = Number(digits)
  if (/[a-f]/.test(digits)) throw new RangeError(`0x${digits} is no ${type}: it has a digit beyond 9`)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`${type} beyond 2^53 − 1: ${digits} has no exact number`)
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

/** The whole scratch; its first half is signed or not. */
function safeInteger(high: number, type: RegisterType): number {
  const low = scratch.getUint32(4)
  const value = high * 2 ** 32 + low
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
