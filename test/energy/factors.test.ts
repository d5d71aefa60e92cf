import { expect, test } from 'vitest'
import { factorOf, loadFactors } from '../../energy/factors.ts'

test('the factors are those of the arrêté, with their name, version and day', async () => {
  const factors = await loadFactors()
  expect(factors).toMatchObject({ version: expect.any(String), checked: '2026-11-26' })
  expect(factorOf(factors, 'gaz', 'kW.h')).toEqual({ finalEnergy: 0.9, kgCO2e: 0.227 })
  expect(factorOf(factors, 'electricite', 'kW.h')).toEqual({ finalEnergy: 1, kgCO2e: 0.064 })
})

test('gas in m³ needs the coefficient of its bill first, and water has no energy', async () => {
  const factors = await loadFactors()
  expect(factorOf(factors, 'gaz', 'm3')).toBeUndefined()
  expect(factorOf(factors, 'eau', 'm3')).toBeUndefined()
})
