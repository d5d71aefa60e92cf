import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadFactors } from '../../energy/factors.ts'
import { accountOf, type EnergyUse } from '../../energy/year-account.ts'
import { formatDecimal, toDecimal } from '../../model/decimal.ts'
import type { Energy } from '../../model/energy.ts'

const factors = await loadFactors()
const stated = (energy: Energy, amount: string | null): EnergyUse => ({
  energy,
  amount,
  source: 'stated',
  coverage: 1,
})

test('each energy is told as bought, in kWh PCI and in kgCO2e, to the last digit', () => {
  const { lines, finalEnergy, kgCO2e, missing } = accountOf(
    [stated('electricite', '1000.1'), stated('gaz', '2000'), stated('fioul', '100')],
    factors,
  )
  expect(lines.map(line => [line.finalEnergy, line.kgCO2e])).toEqual([
    ['1000.1', '64.0064'],
    ['1800', '408.6'],
    ['997', '323.028'],
  ])
  expect([finalEnergy, kgCO2e]).toEqual(['3797.1', '795.6344'])
  expect(missing).toEqual([])
})

test('what charged vehicles is no use of the building', () => {
  const account = accountOf([stated('electricite', '1000')], factors, 250.5)
  expect(account).toMatchObject({ finalEnergy: '749.5', kgCO2e: '47.968' })
  expect(account.lines[0]).toMatchObject({ amount: '1000', finalEnergy: '1000' })
})

test('a sum of which one part is not known is not known, and what is missing is named', () => {
  const measured: EnergyUse = { energy: 'electricite', amount: '5', source: 'meters', coverage: 0.9 }
  expect(accountOf([measured, stated('chaleur', null)], factors)).toMatchObject({
    finalEnergy: null,
    kgCO2e: null,
    missing: [
      { what: 'partly-measured', energy: 'electricite' },
      { what: 'no-consumption', energy: 'chaleur' },
    ],
  })
  expect(accountOf([measured, stated('granules', '10')], factors)).toMatchObject({
    finalEnergy: '51',
    kgCO2e: null,
    missing: [{ what: 'partly-measured' }, { what: 'no-emission-factor', energy: 'granules' }],
  })
  expect(accountOf([measured], factors, 0, ['gaz'])).toMatchObject({
    finalEnergy: null,
    missing: [{ what: 'partly-measured' }, { what: 'no-conversion', energy: 'gaz' }],
  })
  expect(accountOf([], factors)).toMatchObject({
    finalEnergy: null,
    missing: [{ what: 'no-energy', energy: null }],
  })
})

test('whatever the amounts, final energy is their exact sum by the factors', () => {
  const cents = fc.nat({ max: 10 ** 9 })
  fc.assert(
    fc.property(cents, cents, cents, (electricity, gas, heat) => {
      const amount = (digits: number) => formatDecimal({ digits: BigInt(digits), scale: 2 })
      const uses = [
        stated('electricite', amount(electricity)),
        stated('gaz', amount(gas)),
        stated('chaleur', amount(heat)),
      ]
      const { digits, scale } = toDecimal(accountOf(uses, factors).finalEnergy!)
      const tenThousandths = digits * 10n ** BigInt(4 - scale)
      expect(tenThousandths).toBe(BigInt(electricity) * 100n + BigInt(gas) * 90n + BigInt(heat) * 77n)
    }),
  )
})
