import { expect, test } from 'vitest'
import { driftOf } from '../../energy/drift.ts'
import { toDecimal } from '../../model/decimal.ts'

const monthly = [100, 0, ...Array(10).fill(50)]

test.each([
  ['as expected', 100, '2026-01', { reference: 100, percent: 0, beyond: false }],
  ['at the limit above', 110, '2026-01', { reference: 100, percent: 10, beyond: false }],
  ['beyond it', 110.1, '2026-01', { reference: 100, percent: 10.1, beyond: true }],
  ['far below: it may not run at all', 40, '2026-03', { reference: 50, percent: -20, beyond: true }],
  ['anything where nothing is to be used', 0.1, '2026-02', { reference: 0, percent: null, beyond: true }],
  ['nothing where nothing is to be used', 0, '2026-02', { reference: 0, percent: null, beyond: false }],
])('%s', (_, use, month, expected) => {
  const { percent, ...drift } = driftOf(toDecimal(use), { monthly, tolerance: 10 }, month)
  expect({ ...drift, percent: percent === null ? null : Number(percent.toFixed(9)) }).toEqual(expected)
})
