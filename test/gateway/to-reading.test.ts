import { describe, expect, it } from 'vitest'
import type { Sample } from '../../gateway/driver.ts'
import { toReading } from '../../gateway/to-reading.ts'
import type { Value } from '../../model/reading.ts'
import { modbusPoint } from './points.ts'

const NOW = 1_800_000_000_000
const power = modbusPoint('power', {}, { min: 0, max: 100 })
const fault = modbusPoint('fault', {}, { quantity: 'fault' })

function read(value: Value, rest: Partial<Sample> = {}, clockOffset?: number) {
  const sample = { point: power, value, quality: 'good', ...rest } as const
  const { quality, ...reading } = toReading(sample, NOW, clockOffset)
  return [quality, reading.value, reading.time - NOW]
}

describe('a sample becomes a reading', () => {
  it('at its own time where it has one, else at the time of the answer (trap 7)', () => {
    expect(read(1)).toEqual(['good', 1, 0])
    expect(read(1, { time: NOW - 1234 })).toEqual(['good', 1, -1234])
  })

  it('uncertain when the clock of the source is far off, with its time kept (trap 7)', () => {
    // It may rightly be an interval old.
    const oldest = -300_000 - power.interval
    expect(read(1, { time: NOW + oldest })).toEqual(['good', 1, oldest])
    expect(read(1, { time: NOW + oldest - 1 })).toEqual(['uncertain:clock', 1, oldest - 1])
    expect(read(1, { time: NOW + 300_000 })).toEqual(['good', 1, 300_000])
    expect(read(1, { time: NOW + 300_001 })).toEqual(['uncertain:clock', 1, 300_001])
    expect(read(1, { time: NOW + 1e7, quality: 'uncertain:uncertain-source' })[0]).toBe(
      'uncertain:uncertain-source',
    )
  })

  it("uncertain when dated by a gateway whose clock is not the hub's; a source's own time is measured by the hub's", () => {
    expect(read(1, {}, 60_000)).toEqual(['good', 1, 0])
    expect(read(1, {}, 60_001)).toEqual(['uncertain:clock', 1, 0])
    expect(read(1, {}, -60_001)).toEqual(['uncertain:clock', 1, 0])
    const hour = 3_600_000
    expect(read(1, { time: NOW + hour }, hour)).toEqual(['good', 1, hour])
    expect(read(1, { time: NOW - hour }, -hour)).toEqual(['good', 1, -hour])
    expect(read(1, { time: NOW }, -hour)).toEqual(['uncertain:clock', 1, 0])
    expect(read(1, { time: NOW }, hour)).toEqual(['uncertain:clock', 1, 0])
  })

  it('at the time of the answer when the source has a time that no batch may carry', () => {
    for (const time of [-62_135_596_800_000, Date.UTC(2100, 0, 1), Number.NaN])
      expect(read(1, { time })).toEqual(['good', 1, 0])
    const latest = Date.UTC(2100, 0, 1) - 1
    expect(read(1, { time: latest })).toEqual(['uncertain:clock', 1, latest - NOW])
  })

  it('good at an old time that is no fault of a clock, not at a future one', () => {
    expect(read(1, { time: NOW - 1e9, late: true })).toEqual(['good', 1, -1e9])
    expect(read(1, { time: NOW + 300_001, late: true })).toEqual(['uncertain:clock', 1, 300_001])
  })

  it('without a value whenever it is bad: never 0, never the old one (trap 6)', () => {
    expect(read(50, { quality: 'bad:timeout' })).toEqual(['bad:timeout', null, 0])
    expect(read(-0.1)).toEqual(['bad:out-of-range', null, 0])
    expect(read(100.1)).toEqual(['bad:out-of-range', null, 0])
    expect(read(0)).toEqual(['good', 0, 0])
    expect(read(100)).toEqual(['good', 100, 0])
  })

  it.each([NaN, Infinity, -Infinity, 'off', true, null])('%s is no number and never leaves', value => {
    expect(read(value)).toEqual(['bad:undecodable', null, 0])
  })

  it.each([
    [true, 'good', true],
    [1, 'good', true],
    [0, 'good', false],
    [2, 'bad:undecodable', null],
    ['true', 'bad:undecodable', null],
  ])('%s of a boolean quantity is %s %s', (value, quality, kept) => {
    expect(toReading({ point: fault, value, quality: 'good' }, NOW)).toMatchObject({ quality, value: kept })
  })
})
