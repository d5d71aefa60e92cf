import { expect, test } from 'vitest'
import { correctForClimate } from '../../energy/climate-correction.ts'

test.each([
  [1000, 2000, 2500, 800],
  [1000, 2000, 1600, 1250],
  [1000, 2000, 2000, 1000],
  [3, 12, 0, 36],
  [3, 0, 6, 0.5],
  [3, 0, 0, 3],
  [0, 2000, 2500, 0],
])(
  '%d of %d mean degree-days, used in a period of %d, become %d',
  (consumption, reference, period, corrected) => {
    expect(correctForClimate(consumption, reference, period)).toBe(corrected)
  },
)
