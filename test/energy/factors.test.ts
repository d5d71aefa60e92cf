import { expect, test } from 'vitest'
import { factorOf, factorsOf, loadFactors } from '../../energy/factors.ts'

test('the factors are those of the arrêté, with their name, version and day', async () => {
  const factors = await loadFactors()
  expect(factors).toMatchObject({ version: expect.any(String), checked: '2026-11-26' })
  expect(factorOf(factors, 'gaz', 'kW.h')).toEqual({
    finalEnergy: 0.9,
    kgCO2e: 0.227,
    primaryEnergy: 1,
  })
  expect(factorOf(factors, 'electricite', 'kW.h')).toEqual({
    finalEnergy: 1,
    kgCO2e: 0.064,
    primaryEnergy: 1.9,
  })
})

test('gas in m³ needs the coefficient of its bill first, and water has no energy', async () => {
  const factors = await loadFactors()
  expect(factorOf(factors, 'gaz', 'm3')).toBeUndefined()
  expect(factorOf(factors, 'eau', 'm3')).toBeUndefined()
})

test('what a network emits is told by site, with its source, and never in place of the set', async () => {
  const set = await loadFactors()
  const stated = [
    { energy: 'chaleur' as const, kgCO2e: 0.112, source: 'Réseau A, 2024', sites: ['mairie'] },
    { energy: 'chaleur' as const, kgCO2e: 0.03, source: 'Réseau B, 2024', sites: ['ecole'] },
    { energy: 'granules' as const, kgCO2e: 0.03, source: 'Fournisseur' },
    { energy: 'gaz' as const, kgCO2e: 0, source: 'Vendeur' },
  ]
  const own = factorsOf(set, stated, 'mairie')
  expect(factorOf(own, 'chaleur', 'kW.h')).toEqual({
    finalEnergy: 0.77,
    kgCO2e: 0.112,
    source: 'Réseau A, 2024',
    primaryEnergy: 1,
  })
  expect(own.energies.granules).toMatchObject({ kgCO2e: 0.03, source: 'Fournisseur' })
  expect(own.energies.gaz).toEqual(set.energies.gaz)
  expect(factorsOf(set, stated, 'ecole').energies.chaleur).toMatchObject({ kgCO2e: 0.03 })
  expect(factorsOf(set, stated, 'gymnase').energies.chaleur).toEqual({
    finalEnergy: 0.77,
    primaryEnergy: 1,
  })
  expect(set.energies.chaleur).toEqual({ finalEnergy: 0.77, primaryEnergy: 1 })
})
