import { expect, it } from 'vitest'
import { heating } from '../../../simulators/signals/heating.ts'
import { mains } from '../../../simulators/signals/mains.ts'
import type { LocalWeather } from '../../../simulators/signals/weather.ts'

const load = { total: (time: number) => time / 3_600_000, rate: () => 40 }
const TIME = Date.UTC(2026, 0, 15, 8)

it('powers, current and voltage of a meter agree, and so do its indexes', () => {
  const { apparentPower, reactivePower, powerFactor, voltage, current, frequency, reactive, exported } =
    mains(load, 7)
  expect(apparentPower(TIME) ** 2).toBeCloseTo(40 ** 2 + reactivePower(TIME) ** 2, 6)
  expect(40 / apparentPower(TIME)).toBeCloseTo(powerFactor(TIME), 9)
  expect(3 * 0.23 * current(TIME)).toBeCloseTo(apparentPower(TIME), 9)
  expect(Math.abs(voltage(TIME) - 230)).toBeLessThanOrEqual(4)
  expect(Math.abs(frequency(TIME) - 50)).toBeLessThanOrEqual(0.03)
  for (const share of [reactive, exported])
    expect(share.total(TIME) / load.total(TIME)).toBeCloseTo(share.rate(TIME) / 40, 9)
})

it('the supply of a heating circuit is warmer the colder it is, and its water carries the heat', () => {
  const at = (air: number) => heating(load, { airTemperature: () => air } as unknown as LocalWeather)
  expect(at(-8).supply(TIME)).toBe(72)
  expect(at(10).supply(TIME)).toBe(45)
  expect([at(-30).supply(TIME), at(40).supply(TIME)]).toEqual([75, 30])
  const { volume, supply, return: back } = at(0)
  expect(volume.rate(TIME) * 1.163 * (supply(TIME) - back(TIME))).toBeCloseTo(40, 9)
})
