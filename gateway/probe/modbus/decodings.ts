import {
  decodeRegisters,
  kindOf,
  NUMBER_TYPES,
  REGISTER_ORDERS,
  type RegisterLayout,
  type RegisterType,
  registerCount,
  WORD_ORDERS,
  wordOrdersOf,
} from '../../../model/register-values.ts'
import { rawToValue } from '../../../model/scale.ts'
import { fits, type Shown } from '../../display.ts'

/** What lies between what meters count in and what people read. */
export const SCALES = [0.001, 0.01, 0.1, 1, 10, 100, 1000] as const

/** The most registers that a value takes. */
export const LONGEST_VALUE = 4

/** One way to read registers; types that say the same of them are together. */
export interface Decoding extends Pick<RegisterLayout, 'wordOrder' | 'byteOrder'> {
  types: [RegisterType, ...RegisterType[]]
  registers: readonly number[]
  raw: number
  /** How far it is from what meters and sensors say; 0 is what is to be expected. */
  strangeness: number
}

/** The scales by which a decoding is what the display shows, the plainest first. */
export function fittingScales({ raw }: Decoding, shown: Shown): number[] {
  return SCALES.filter(scale => fits(rawToValue(raw, scale, 0), shown)).sort(
    (a, b) => Math.abs(Math.log10(a)) - Math.abs(Math.log10(b)),
  )
}

/**
 * Every number that the registers may be, from the first of them on: type by type, in every order of words and bytes.
 * The sensible ones come first. What is no number in a layout (NaN, a digit beyond 9) is left out.
 */
export function decodingsOf(registers: readonly number[]): Decoding[] {
  const found = new Map<string, Decoding>()
  for (const type of NUMBER_TYPES) {
    const count = registerCount({ type })
    if (count > registers.length) continue
    const own = registers.slice(0, count)
    for (const wordOrder of wordOrdersOf(count)) {
      for (const byteOrder of REGISTER_ORDERS) {
        const raw = numberIn({ type, wordOrder, byteOrder }, own)
        if (raw === undefined) continue
        const key = [count, wordOrder, byteOrder, raw].join()
        const same = found.get(key)
        if (same) same.types.push(type)
        else {
          const decoding = { types: [type] as [RegisterType], wordOrder, byteOrder, registers: own, raw }
          found.set(key, { ...decoding, strangeness: strangenessOf(decoding) })
        }
      }
    }
  }
  return [...found.values()].sort((a, b) => a.strangeness - b.strangeness)
}

function numberIn(layout: RegisterLayout, registers: readonly number[]): number | undefined {
  try {
    return decodeRegisters(layout, registers) as number | undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function strangenessOf({ types, wordOrder, byteOrder, raw }: Omit<Decoding, 'strangeness'>): number {
  const order = WORD_ORDERS.indexOf(wordOrder) + (byteOrder === 'little' ? 2 : 0)
  const [type] = types
  return (
    order + (kindOf(type) === 'bcd' ? 2 : 0) + (kindOf(type) === 'float' ? oddFloat(raw) : oddInteger(raw))
  )
}

/** Registers that hold no float hardly ever make one of everyday size. */
function oddFloat(raw: number): number {
  const size = Math.abs(raw)
  return raw === 0 || (size >= 1e-3 && size < 1e9) ? 0 : 12
}

function oddInteger(raw: number): number {
  const size = Math.abs(raw)
  const odd = size < 1e7 ? 0 : size < 1e9 ? 2 : 10
  return odd + (raw <= 0 ? 1 : 0)
}

/** A place where the display's number stands, by one reading of its registers. */
export interface Sighting {
  address: number
  decoding: Decoding
  scale: number
}

/** Where in neighbouring registers a number read off the display stands, the likeliest first. */
export function findShown(address: number, data: readonly number[], shown: Shown): Sighting[] {
  return data
    .flatMap((_, at) =>
      decodingsOf(data.slice(at, at + LONGEST_VALUE)).flatMap(decoding => {
        const [scale] = fittingScales(decoding, shown)
        return scale === undefined ? [] : [{ address: address + at, decoding, scale }]
      }),
    )
    .sort((a, b) => oddity(a) - oddity(b))
}

function oddity({ decoding, scale }: Sighting): number {
  return decoding.strangeness + Math.abs(Math.log10(scale)) / 10
}
