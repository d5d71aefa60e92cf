import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rawToValue, registersToValue, valueToRaw, valueToRegisters } from '../../model/scale.ts'

describe('scale and offset', () => {
  test.each([
    [1234567, 0.001, 0, 1234.567],
    [213, 0.1, 0, 21.3],
    [3, 0.1, 0, 0.3],
    [29, 0.01, -40, -39.71],
    [7, 0.1, 0.2, 0.9],
    [21.3, 0.1, 0, 2.13],
    [Number.MAX_SAFE_INTEGER, 0.001, 0, 9_007_199_254_740.99],
    [5, 1e-7, 0, 5e-7],
    [5, 1e22, 0, 5e22],
  ])('%d × %d + %d = %d', (raw, scale, offset, value) => {
    expect(rawToValue(raw, scale, offset)).toBe(value)
  })

  test('is what decimal arithmetic gives, to the last digit', () => {
    const digits = fc.nat(6)
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.integer({ min: 1, max: 9999 }),
        digits,
        (raw, coefficient, places) => {
          const exact = Number(`${BigInt(raw) * BigInt(coefficient)}e-${places}`)
          expect(rawToValue(raw, Number(`${coefficient}e-${places}`), 0)).toBe(exact)
        },
      ),
    )
  })

  test('is undone to the whole raw number', () => {
    const raws = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })
    const scales = fc.constantFrom(1, 0.001, 0.01, 0.1, 10, 0.25, 1e-6)
    fc.assert(
      fc.property(raws, scales, fc.constantFrom(0, -40, 0.5, 273.15), (raw, scale, offset) => {
        // An offset costs digits where the value is far smaller than it.
        fc.pre(offset === 0 || Math.abs(raw) < 2 ** 40)
        expect(Math.round(valueToRaw(rawToValue(raw, scale, offset), scale, offset)) - raw).toBe(0)
      }),
    )
  })
})

test('a value comes back from its registers, a boolean as it is', () => {
  const layout = { wordOrder: 'big', byteOrder: 'big' } as const
  const index = { ...layout, type: 'uint32', scale: 0.001, offset: -40 } as const
  expect(registersToValue(index, valueToRegisters(index, 1234.567))).toBe(1234.567)
  expect(() => valueToRegisters(index, -40.001)).toThrow(RangeError)
  const bit = { ...layout, type: 'bool', bit: 3, scale: 1, offset: 0 } as const
  expect(registersToValue(bit, valueToRegisters(bit, true))).toBe(true)
  const absent = { ...layout, type: 'float32', scale: 0.1, offset: 0 } as const
  expect(registersToValue(absent, [0x7fc0, 0])).toBeUndefined()
})

test('a raw number is the state that it stands for, and any other is none', () => {
  const layout = { type: 'int16', wordOrder: 'big', byteOrder: 'big', scale: 1, offset: 0 } as const
  const mode = { ...layout, states: { 0: 'off', 2: 'heating', '-1': 'fault' } }
  expect(registersToValue(mode, [2])).toBe('heating')
  expect(registersToValue(mode, [0xffff])).toBe('fault')
  expect(() => registersToValue(mode, [1])).toThrow('1 is none of the states')
  expect(valueToRegisters(mode, 'fault')).toEqual([0xffff])
  expect(() => valueToRegisters(mode, 'cooling')).toThrow(RangeError)
  const running = { ...layout, states: { 0: false, 3: true } }
  expect(registersToValue(running, [3])).toBe(true)
  expect(valueToRegisters(running, false)).toEqual([0])
})
