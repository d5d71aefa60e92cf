import { describe, expect, it } from 'vitest'
import { fits, fitsBetween, parseShown } from '../../gateway/display.ts'

describe('a number off a display', () => {
  it('may be rounded or cut off', () => {
    const shown = parseShown('12.3')
    expect([12.24, 12.25, 12.3, 12.35, 12.399, 12.4].map(value => fits(value, shown))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(fits(1e6, parseShown('1000000'))).toBe(true)
    // 0.4 − 0.05 and 0.2 + 0.1 are beyond these in floating point.
    expect([fits(0.35, parseShown('0.4')), fits(0.3, parseShown('0.2'))]).toEqual([true, false])
  })

  it.each(['', 'twelve', '1 234', '1.2.3', '1.234,5'])('is refused when it is none: %s', text => {
    expect(() => parseShown(text)).toThrow('is no number as a display shows it')
  })

  it('may be of any moment while the value moves', () => {
    const shown = parseShown('12.3')
    expect([
      fitsBetween(11, 14, shown),
      fitsBetween(11, 12.24, shown),
      fitsBetween(12.4, 14, shown),
      fitsBetween(12.39, 14, shown),
    ]).toEqual([true, false, false, true])
  })
})
