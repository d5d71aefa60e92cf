import { addDecimals, multiplyDecimals, toDecimal } from './decimal.ts'
import { decodeRegisters, encodeRegisters, type RegisterLayout } from './register-values.ts'

/** The linear scale between the raw number in a register and a value: value = raw × scale + offset. */
export interface Scale {
  scale: number
  offset: number
}

/** What a raw number of a device means: a state by its name, or a number by its scale. */
export interface Meaning extends Scale {
  /** What each raw number stands for. */
  states?: Readonly<Record<string, string | boolean>>
}

/** How a value lies in its registers, and what the raw number there means. */
export interface RegisterValue extends RegisterLayout, Meaning {}

/**
 * The value that a raw one means; texts and booleans mean themselves.
 * @throws RangeError for a number that is none of the states.
 */
export function meaningOf(
  { scale, offset, states }: Meaning,
  raw: number | boolean | string,
): number | boolean | string {
  if (typeof raw !== 'number') return raw
  if (!states) return rawToValue(raw, scale, offset)
  const state = states[raw]
  if (state === undefined) throw new RangeError(`${raw} is none of the states`)
  return state
}

/**
 * The inverse of {@link meaningOf}, a number not rounded.
 * @throws RangeError for a value that is none of the states.
 */
export function rawOf(
  { scale, offset, states }: Meaning,
  value: number | boolean | string,
): number | boolean | string {
  if (!states) return typeof value === 'number' ? valueToRaw(value, scale, offset) : value
  const found = Object.entries(states).find(([, state]) => state === value)
  if (!found) throw new RangeError(`${value} is none of the states`)
  return Number(found[0])
}

/**
 * The value in exactly the registers that it takes, in its unit; `undefined` when the device says that it has none.
 * @throws RangeError as {@link decodeRegisters} and {@link meaningOf} do.
 */
export function registersToValue(
  source: RegisterValue,
  registers: readonly number[],
): number | boolean | string | undefined {
  const raw = decodeRegisters(source, registers)
  return raw === undefined ? undefined : meaningOf(source, raw)
}

/**
 * The registers that {@link registersToValue} reads back as the nearest value that they can hold.
 * @throws RangeError when the value does not fit the type.
 */
export function valueToRegisters(source: RegisterValue, value: number | boolean | string): number[] {
  return encodeRegisters(source, rawOf(source, value))
}

/**
 * raw × scale + offset, computed on the decimals as they are written and rounded once:
 * 1234567 × 0.001 is 1234.567. All three must be finite.
 */
export function rawToValue(raw: number, scale: number, offset: number): number {
  if (scale === 1 && offset === 0) return raw
  const factor = shiftedDecimal(scale)
  const shift = shiftedDecimal(offset)
  const digits = Math.max(factor.digits, shift.digits)
  if (Number.isSafeInteger(raw) && digits < POWERS_OF_TEN.length) {
    const product = raw * factor.coefficient * POWERS_OF_TEN[digits - factor.digits]!
    const sum = product + shift.coefficient * POWERS_OF_TEN[digits - shift.digits]!
    // Both whole and exact, and so is the power of ten: the division is the only rounding.
    if (Number.isSafeInteger(product) && Number.isSafeInteger(sum)) return sum / POWERS_OF_TEN[digits]!
  }
  const exact = addDecimals(multiplyDecimals(toDecimal(raw), toDecimal(scale)), toDecimal(offset))
  return Number(`${exact.digits}e${-exact.scale}`)
}

/**
 * The inverse of {@link rawToValue}, not rounded to whole numbers. Rounding gives the raw integer back
 * for every raw number below 2^50.
 */
export function valueToRaw(value: number, scale: number, offset: number): number {
  if (scale === 1 && offset === 0) return value
  const { coefficient, digits } = shiftedDecimal(scale)
  return digits < POWERS_OF_TEN.length
    ? ((value - offset) * POWERS_OF_TEN[digits]!) / coefficient
    : (value - offset) / scale
}

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** coefficient × 10^-digits, digits >= 0: a decimal in doubles, for the speed of every reading. */
interface ShiftedDecimal {
  coefficient: number
  digits: number
}

// Scales and offsets come from device files: few, and the same ones for ever.
const decimals = new Map<number, ShiftedDecimal>()

function shiftedDecimal(value: number): ShiftedDecimal {
  let decimal = decimals.get(value)
  if (!decimal) {
    const { digits, scale } = toDecimal(value)
    decimal = scale >= 0 ? { coefficient: Number(digits), digits: scale } : { coefficient: value, digits: 0 }
    decimals.set(value, decimal)
  }
  return decimal
}
