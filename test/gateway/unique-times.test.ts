import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUniqueTimes } from '../../gateway/unique-times.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'

function reading(time: number, quality: QualityCode = 'good', gatewayTime = 5000): Reading {
  return { point: 'a/b/c', time, value: quality.startsWith('bad') ? null : 1, quality, gatewayTime }
}

describe('unique times', () => {
  it('a second reading of one millisecond takes the next free one and says so', () => {
    const unique = createUniqueTimes()
    expect(unique(reading(1000))).toEqual(reading(1000))
    expect(unique(reading(1001))).toEqual(reading(1001))
    expect(unique(reading(1000))).toEqual({ ...reading(1002), quality: 'good:time-moved' })
    expect(unique({ ...reading(1000), point: 'a/b/d' })).toMatchObject({ time: 1000, quality: 'good' })
  })

  it('a bad reading that repeats a source time takes the time of the gateway', () => {
    const unique = createUniqueTimes()
    unique(reading(1000))
    expect(unique(reading(1000, 'bad:sensor-fault'))).toEqual({
      ...reading(1000, 'bad:sensor-fault'),
      time: 5000,
    })
    expect(unique(reading(1000, 'bad:sensor-fault')).time).toBe(5001)
  })

  it('keeps the graver reason of an uncertain reading that is moved', () => {
    const unique = createUniqueTimes()
    unique(reading(1000))
    expect(unique(reading(1000, 'uncertain:clock'))).toMatchObject({ time: 1001, quality: 'uncertain:clock' })
  })

  it('holds for a clock that stands still, however long', () => {
    const unique = createUniqueTimes()
    const times = Array.from({ length: 1000 }, () => unique(reading(1000)).time)
    expect(times).toEqual(times.map((_, i) => 1000 + i))
  })

  it('holds for any readings that come together', () => {
    const some = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 20 }),
        fc.constantFrom<QualityCode>('good', 'bad:timeout', 'uncertain'),
      ),
      { maxLength: 16 },
    )
    fc.assert(
      fc.property(some, readings => {
        const unique = createUniqueTimes()
        const times = readings.map(([time, quality]) => unique(reading(time, quality, 10)).time)
        expect(new Set(times).size).toBe(times.length)
      }),
    )
  })
})
