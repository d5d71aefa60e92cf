import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseShown } from '../../../../gateway/display.ts'
import { formatPlace, parseRegister } from '../../../../gateway/drivers/modbus/registers.ts'
import { decodingsOf, findShown, fittingScales, SCALES } from '../../../../gateway/probe/modbus/decodings.ts'
import { formatDecodings } from '../../../../gateway/probe/modbus/report.ts'
import { MODBUS_TABLES } from '../../../../model/modbus.ts'
import {
  decodeRegisters,
  encodeRegisters,
  NUMBER_TYPES,
  REGISTER_ORDERS,
  registerCount,
  WORD_ORDERS,
} from '../../../../model/register-values.ts'
import { rawToValue } from '../../../../model/scale.ts'

const layout = fc.constantFrom(...NUMBER_TYPES).chain(type => {
  const orders = registerCount({ type }) === 4 ? WORD_ORDERS : REGISTER_ORDERS
  return fc.record({
    type: fc.constant(type),
    wordOrder: fc.constantFrom(...orders),
    byteOrder: fc.constantFrom(...REGISTER_ORDERS),
  })
})
const four = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 })

describe('the decodings of registers', () => {
  it('are every number that any layout reads there, each once', () =>
    fc.assert(
      fc.property(four, layout, (registers, asked) => {
        const own = registers.slice(0, registerCount(asked))
        const named = decodingsOf(registers).filter(
          ({ types, wordOrder, byteOrder }) =>
            types.includes(asked.type) &&
            (own.length === 1 || wordOrder === asked.wordOrder) &&
            byteOrder === asked.byteOrder,
        )
        let raw: ReturnType<typeof decodeRegisters>
        try {
          raw = decodeRegisters(asked, own)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
        expect(named.map(decoding => decoding.raw)).toEqual(raw === undefined ? [] : [raw])
      }),
    ))

  it('show what a display shows in the layout and by the scale in which it was laid down', () =>
    fc.assert(
      fc.property(
        layout,
        fc.integer({ min: 1, max: 9999 }),
        fc.constantFrom(...SCALES),
        fc.integer({ min: 0, max: 3 }),
        (written, raw, scale, decimals) => {
          const registers = encodeRegisters(written, raw)
          const display = rawToValue(raw, scale, 0).toFixed(decimals)
          const shown = parseShown(display)
          const fitting = decodingsOf(registers).filter(
            ({ types, wordOrder, byteOrder }) =>
              types.includes(written.type) &&
              (registers.length === 1 || wordOrder === written.wordOrder) &&
              byteOrder === written.byteOrder,
          )
          expect(fitting.flatMap(decoding => fittingScales(decoding, shown))).toContain(scale)
        },
      ),
    ))

  it.each([
    [
      'a float',
      encodeRegisters({ type: 'float32', wordOrder: 'big', byteOrder: 'big' }, 236.4),
      'float32',
      236.4,
    ],
    ['a counter', [0x0001, 0xe240], 'uint32', 123_456],
    ['a counter of 64 bits', [0, 0, 0x0001, 0xe240], 'uint64', 123_456],
    ['a temperature below zero', [0xfff1], 'int16', -15],
    ['a counter with swapped words', [0xe240, 0x0001], 'uint32', 123_456],
  ])('begin with the sensible: %s', (_, registers, type, raw) => {
    const sensible = decodingsOf(registers).slice(0, 3)
    expect(sensible.flatMap(({ types, raw }) => types.map(type => `${type} ${raw}`))).toContain(
      `${type} ${raw}`,
    )
  })

  it('are printed with those that fit the display first and marked', () => {
    const [head, first, second] = formatDecodings([0x0001, 0xe240], parseShown('12345,6')).split('\n')
    expect(head).toMatch(/^type +wordOrder +byteOrder +registers +×0\.001 .* ×1000$/)
    expect(first).toMatch(/^uint32 int32 +big +big +0001 e240 +123\.456 +1234\.56 +12345\.6\* +123456 /)
    expect(second).not.toContain('*')
  })

  it('are searched along a table for what the display shows', () => {
    const [likeliest] = findShown(60, [7, 8, 0x0001, 0xe240, 9], parseShown('12345.6'))
    expect(likeliest).toMatchObject({ address: 62, scale: 0.1, decoding: { types: ['uint32', 'int32'] } })
  })
})

describe('the number of a register', () => {
  it('names table and address, from five or six digits, and is named again', () => {
    expect(parseRegister('40071')).toEqual({ table: 'holding', address: 70 })
    expect(parseRegister('400071')).toEqual({ table: 'holding', address: 70 })
    expect(parseRegister('30001')).toEqual({ table: 'input', address: 0 })
    expect(formatPlace({ table: 'holding', address: 70 })).toBe('holding 70 (40071)')
    const place = fc.record({ table: fc.constantFrom(...MODBUS_TABLES), address: fc.nat(65_535) })
    fc.assert(
      fc.property(place, where => {
        const [, number] = /\((\d+)\)/.exec(formatPlace(where))!
        expect(parseRegister(number!)).toEqual(where)
      }),
    )
  })

  it.each(['70', '20071', '40000', '465537', 'x'])('is refused when it is none: %s', text => {
    expect(() => parseRegister(text)).toThrow('is no register number: write one like 40071')
  })
})
