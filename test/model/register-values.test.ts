import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeRegisters,
  encodeRegisters,
  type RegisterType,
  registerCount,
  shortestFloat32,
} from '../../model/register-values.ts'

const order = fc.constantFrom('big' as const, 'little' as const)

const LENGTH = 5
const ascii = fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code))
const text = fc
  .array(ascii, { maxLength: 2 * LENGTH })
  .map(characters => characters.join('').trim())
  .filter(characters => characters !== '')

const RAW: Record<RegisterType, fc.Arbitrary<number | boolean | string>> = {
  bool: fc.boolean(),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint32: fc.integer({ min: 0, max: 0xffff_ffff }),
  int32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  uint48: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  int48: fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }),
  uint64: fc.maxSafeNat(),
  int64: fc.maxSafeInteger(),
  float32: fc.float({ noNaN: true, noDefaultInfinity: true }).map(shortestFloat32),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bcd16: fc.nat(9999),
  bcd32: fc.nat(99_999_999),
  bcd48: fc.integer({ min: 0, max: 10 ** 12 - 1 }),
  bcd64: fc.maxSafeNat(),
  string: text,
}
const TYPES = Object.keys(RAW) as RegisterType[]

describe.each(TYPES)('%s', type => {
  test('comes back from its registers in every order', () => {
    fc.assert(
      fc.property(
        RAW[type],
        order,
        order,
        fc.option(fc.nat(15), { nil: undefined }),
        (raw, words, bytes, bit) => {
          const layout = { type, wordOrder: words, byteOrder: bytes, bit, length: LENGTH }
          const registers = encodeRegisters(layout, raw)
          expect(registers).toHaveLength(registerCount(layout))
          for (const register of registers) {
            expect(Number.isInteger(register) && register >= 0 && register <= 0xffff).toBe(true)
          }
          expect(decodeRegisters(layout, registers)).toBe(raw)
        },
      ),
    )
  })

  test('refuses a wrong number of registers', () => {
    const layout = { type, wordOrder: 'big', byteOrder: 'big' } as const
    expect(() => decodeRegisters(layout, new Array(registerCount(layout) + 1).fill(0))).toThrow(RangeError)
  })
})

test.each([
  ['big', 'big', [0x1234, 0x5678]],
  ['little', 'big', [0x5678, 0x1234]],
  ['big', 'little', [0x3412, 0x7856]],
  ['little', 'little', [0x7856, 0x3412]],
] as const)('0x12345678 with words %s and bytes %s', (wordOrder, byteOrder, registers) => {
  const layout = { type: 'uint32', wordOrder, byteOrder } as const
  expect(encodeRegisters(layout, 0x12345678)).toEqual(registers)
  expect(decodeRegisters(layout, registers)).toBe(0x12345678)
})

test.each([
  ['big', 'big', [0x0001, 0x0203, 0x0405, 0x0607]],
  ['little', 'big', [0x0607, 0x0405, 0x0203, 0x0001]],
  ['big-little', 'big', [0x0203, 0x0001, 0x0607, 0x0405]],
  ['little-big', 'big', [0x0405, 0x0607, 0x0001, 0x0203]],
  ['big', 'little', [0x0100, 0x0302, 0x0504, 0x0706]],
  ['little', 'little', [0x0706, 0x0504, 0x0302, 0x0100]],
  ['big-little', 'little', [0x0302, 0x0100, 0x0706, 0x0504]],
  ['little-big', 'little', [0x0504, 0x0706, 0x0100, 0x0302]],
] as const)('0x0001020304050607 with words %s and bytes %s', (wordOrder, byteOrder, registers) => {
  const layout = { type: 'uint64', wordOrder, byteOrder } as const
  expect(encodeRegisters(layout, 0x0001020304050607)).toEqual(registers)
  expect(decodeRegisters(layout, registers)).toBe(0x0001020304050607)
})

test('known floating-point patterns', () => {
  const float32 = { type: 'float32', wordOrder: 'big', byteOrder: 'big' } as const
  expect(encodeRegisters(float32, 1)).toEqual([0x3f80, 0])
  expect(decodeRegisters(float32, [0xc2ed, 0x4000])).toBe(-118.625)
  const float64 = { type: 'float64', wordOrder: 'little', byteOrder: 'big' } as const
  expect(decodeRegisters(float64, [0, 0, 0, 0x3ff0])).toBe(1)
})

test.each(['float32', 'float64'] as const)('%s: NaN and infinities are no value', type => {
  const layout = { type, wordOrder: 'big', byteOrder: 'big' } as const
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(decodeRegisters(layout, encodeRegisters(layout, none))).toBeUndefined()
  }
})

test('64-bit integers beyond 2^53 are refused, with their digits', () => {
  const unsigned = { type: 'uint64', wordOrder: 'big', byteOrder: 'big' } as const
  expect(decodeRegisters(unsigned, [0x1f, 0xffff, 0xffff, 0xffff])).toBe(Number.MAX_SAFE_INTEGER)
  expect(() => decodeRegisters(unsigned, [0x20, 0, 0, 1])).toThrow(/9007199254740993/)
  const signed = { ...unsigned, type: 'int64' } as const
  expect(decodeRegisters(signed, [0xffff, 0xffff, 0xffff, 0xffff])).toBe(-1)
  expect(() => decodeRegisters(signed, [0x8000, 0, 0, 0])).toThrow(/-9223372036854775808/)
})

const plain = { wordOrder: 'big', byteOrder: 'big' } as const

test('known decimal patterns: a digit in every four bits', () => {
  expect(decodeRegisters({ ...plain, type: 'bcd32' }, [0x0012, 0x3456])).toBe(123_456)
  expect(decodeRegisters({ ...plain, wordOrder: 'little', type: 'bcd48' }, [0x9012, 0x5678, 0x1234])).toBe(
    123_456_789_012,
  )
  expect(() => decodeRegisters({ ...plain, type: 'bcd16' }, [0x12a4])).toThrow('a digit beyond 9')
  expect(() => decodeRegisters({ ...plain, type: 'bcd64' }, [0x9999, 0x9999, 0x9999, 0x9999])).toThrow(
    'has no exact number',
  )
})

test('known 48-bit patterns', () => {
  expect(decodeRegisters({ ...plain, type: 'uint48' }, [0x1234, 0x5678, 0x9abc])).toBe(0x1234_5678_9abc)
  expect(decodeRegisters({ ...plain, type: 'int48' }, [0xffff, 0xffff, 0xfffe])).toBe(-2)
})

test('some bits of an integer, with the sign of an int', () => {
  const high = { ...plain, type: 'uint16', bits: { first: 8, count: 8 } } as const
  expect(decodeRegisters(high, [0xfe12])).toBe(0xfe)
  expect(decodeRegisters({ ...high, type: 'int16' }, [0xfe12])).toBe(-2)
  const across = { ...plain, type: 'uint32', bits: { first: 12, count: 8 } } as const
  expect(decodeRegisters(across, [0x0007, 0x9abc])).toBe(0x79)
  const whole = { ...plain, type: 'int32', bits: { first: 0, count: 32 } } as const
  expect(decodeRegisters(whole, [0xffff, 0xffff])).toBe(-1)
  fc.assert(
    fc.property(fc.nat(27), fc.integer({ min: 1, max: 5 }), fc.boolean(), (first, count, hasSign) => {
      const layout = { ...plain, type: hasSign ? 'int32' : 'uint32', bits: { first, count } } as const
      for (const value of hasSign ? [-(2 ** (count - 1)), 0, 2 ** (count - 1) - 1] : [0, 2 ** count - 1]) {
        expect(decodeRegisters(layout, encodeRegisters(layout, value))).toBe(value)
      }
      expect(() => encodeRegisters(layout, 2 ** count)).toThrow(RangeError)
    }),
  )
})

test.each([
  ['uint16', [0xffff], [0xffff]],
  ['int16', [0x8000], [0x8000]],
  ['int16', [0x8000], [-32_768]],
  ['int32', [0x7fff, 0xffff], [0x7fffffff]],
  ['uint64', [0xffff, 0xffff, 0xffff, 0xffff], [Number('0xffffffffffffffff')]],
  ['int64', [0x8000, 0, 0, 0], [0x8000_0000_0000_0000]],
  ['float32', [0x461c, 0x3c00], [9999]],
  ['float32', [0x7f7f, 0xffff], [0x7f7fffff]],
  ['bcd16', [0xffff], [0xffff]],
  ['uint16', [0], [0xffff, 0]],
] as const)('%s of %j is no value where %j says so', (type, registers, unavailable) => {
  const layout = { ...plain, type, unavailable }
  expect(decodeRegisters(layout, registers)).toBeUndefined()
  const one = [...registers.slice(0, -1).map(() => 0), 1]
  expect(decodeRegisters(layout, one)).toBe(decodeRegisters({ ...plain, type }, one))
})

test('some bits are no value where their number says so', () => {
  const layout = { ...plain, type: 'uint16', bits: { first: 4, count: 4 }, unavailable: [15] } as const
  expect(decodeRegisters(layout, [0x12f4])).toBeUndefined()
  expect(decodeRegisters(layout, [0x1234])).toBe(3)
})

test.each([
  ['uint16', -1],
  ['bcd16', 10_000],
  ['bcd32', -1],
  ['int48', 2 ** 47],
  ['uint16', 65_536],
  ['int16', 32_768],
  ['int32', -2_147_483_649],
  ['uint64', 2 ** 53],
  ['uint32', Number.NaN],
] as const)('%s refuses %d', (type, value) => {
  expect(() => encodeRegisters({ type, wordOrder: 'big', byteOrder: 'big' }, value)).toThrow(RangeError)
})

test('a string ends before its first NUL, and is none where it is empty', () => {
  const string = { ...plain, type: 'string', length: 3 } as const
  expect(decodeRegisters(string, [0x5634, 0x2e31, 0x0041])).toBe('V4.1')
  expect(decodeRegisters({ ...string, byteOrder: 'little' }, [0x3456, 0x312e, 0x2020])).toBe('V4.1')
  expect(decodeRegisters({ ...string, wordOrder: 'little' }, [0, 0x2e31, 0x5634])).toBe('V4.1')
  expect(decodeRegisters(string, [0, 0x4142, 0x4344])).toBeUndefined()
  expect(decodeRegisters(string, [0x2020, 0x2020, 0x2020])).toBeUndefined()
  expect(() => decodeRegisters(string, [0xff41, 0x4142, 0x4344])).toThrow('no ASCII text')
  expect(() => encodeRegisters(string, 'too long')).toThrow('does not fit a string of 3 registers')
  expect(() => encodeRegisters(string, 'é')).toThrow(RangeError)
})

test('a single-precision number is the shortest decimal that stands for it', () => {
  for (const decimal of [21.3, 0.1, -7.25, 1234.567, 99999.99, 1.17e-38, 16_777_218]) {
    expect(shortestFloat32(Math.fround(decimal))).toBe(decimal)
  }
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), single => {
      const shortest = shortestFloat32(single)
      expect(Math.fround(shortest)).toBe(single)
      expect(String(shortest).length).toBeLessThanOrEqual(String(single).length)
    }),
  )
})
