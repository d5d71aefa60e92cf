import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Stating, StatingError, takeStatement, unitsOfAmount } from '../../model/state.ts'

const ZONE = 'Europe/Paris'
const now = Date.parse('2026-11-22T11:00:00Z')
const gas: Parameters<typeof takeStatement>[1] = {
  ...{ id: 'gaz', unit: 'm3' as const, resolution: 1, stepsPerUnit: 1 },
  conversions: [
    { from: '2025-01-01', kilowattHours: 11.28 },
    { from: '2026-04-01', kilowattHours: 11.31 },
    { from: '2026-06-01', kilowattHours: 11.31 },
  ],
}
const invoice = (amount: string, unit: string, more: Partial<Stating> = {}): Stating => ({
  ...{ origin: 'invoice', from: '2026-02-01', to: '2026-04-01', amount, unit, author: 'test', ...more },
})
const take = (stating: Stating, meter: Parameters<typeof takeStatement>[1] = gas) =>
  takeStatement(stating, meter, { timeZone: ZONE, now })
const refusal = (stating: Stating, meter?: Parameters<typeof takeStatement>[1]) => {
  try {
    take(stating, meter)
    return 'is taken'
  } catch (error) {
    if (!(error instanceof StatingError)) throw error
    return `${error.field}: ${error.message}`
  }
}

it('gas that is billed in kWh counts in m³ by the coefficient of its time, and what was written is kept', () => {
  expect(take(invoice('11 280', 'kWh'))).toMatchObject({
    value: 1000,
    written: { value: 11280, unit: 'kW.h' },
  })
  expect(take(invoice('1,131', 'MWh', { from: '2026-04-01', to: '2026-05-01' }))).toMatchObject({
    value: 100,
    written: { value: 1.131, unit: 'MW.h' },
  })
  expect(take(invoice('17', 'kWh'))).toMatchObject({ value: 2, written: { value: 17 } })
  expect(take(invoice('1000', 'm³'))).not.toHaveProperty('written')
})

it('an invoice whose kWh were made of whole m³ is those m³', () => {
  const whole = fc.integer({ min: 0, max: 1_000_000 })
  fc.assert(
    fc.property(whole, cubicMetres => {
      const kilowattHours = Math.round(cubicMetres * 11.28)
      expect(take(invoice(String(kilowattHours), 'kWh')).value).toBe(cubicMetres)
    }),
  )
})

it('is refused where the coefficient changes within, and taken where another date says the same', () => {
  expect(refusal(invoice('500', 'kWh', { to: '2026-04-02' }))).toBe(
    'to: the coefficient changes on 2026-04-01: state what was counted before and after it each for itself',
  )
  expect(refusal(invoice('500', 'kWh', { from: '2026-05-01', to: '2026-07-01' }))).toBe('is taken')
  expect(refusal(invoice('500', 'kWh', { from: '2024-12-31', to: '2025-01-02' }))).toBe(
    'from: no coefficient of the meter holds on 2024-12-31 yet',
  )
})

it('an index is what the meter shows, and a meter without coefficients takes no energy', () => {
  const index = { origin: 'hand', at: '2026-03-01', index: '11280', unit: 'kWh', author: 'test' }
  expect(refusal(index)).toBe('unit: kWh is for an amount: the meter shows m³')
  const { conversions: _, ...plain } = gas
  expect(refusal(invoice('500', 'kWh'), plain)).toBe('unit: kWh is no unit of this meter, which counts in m³')
  expect(unitsOfAmount(gas)).toEqual(['m3', 'kW.h', 'MW.h', 'W.h', 'L'])
  expect(unitsOfAmount(plain)).toEqual(['m3', 'L'])
})
