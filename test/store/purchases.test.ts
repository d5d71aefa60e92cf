import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Purchase } from '../../model/purchase.ts'
import { openPurchaseStore } from '../../store/purchases.ts'
import { temporaryFolder } from '../bus/fixtures.ts'

const gazole: Purchase = {
  ...{ site: 'depot', energy: 'gazole', from: '2026-01-03', to: '2026-01-03', amount: '40.5' },
  ...{ use: 'own', reference: 'carte 1', author: 'nadia', source: 'a.csv, line 2' },
}

test('keeps each once; another amount of the same stands in its place and leaves it to be seen', () => {
  const store = openPurchaseStore({ file: ':memory:' })
  const other = { ...gazole, reference: 'carte 2' }
  expect(store.add([gazole, other], 1)).toEqual({ added: 2, repeated: 0, replaced: 0 })
  expect(store.add([gazole, { ...other, source: 'b.csv, line 9' }], 2)).toEqual({
    added: 0,
    repeated: 2,
    replaced: 0,
  })
  expect(store.add([{ ...gazole, amount: '45' }], 3)).toEqual({ added: 1, repeated: 0, replaced: 1 })
  expect(store.ofYear(2026).map(({ amount, reference, endedAt }) => [amount, reference, endedAt])).toEqual([
    ['40.5', 'carte 1', 3],
    ['45', 'carte 1', undefined],
    ['40.5', 'carte 2', undefined],
  ])
  expect(store.ofYear(2025)).toEqual([])
  store.close()
})

test('keeps all or none, and what it kept after it was closed', () => {
  const file = join(temporaryFolder(), 'purchases.sqlite')
  const store = openPurchaseStore({ file })
  const broken = { ...gazole, reference: null } as unknown as Purchase
  expect(() => store.add([gazole, broken], 1)).toThrow()
  expect(store.ofYear(2026)).toEqual([])
  store.add([gazole], 1)
  store.close()
  const again = openPurchaseStore({ file })
  expect(again.ofYear(2026)).toEqual([{ id: 1, ...gazole, recordedAt: 1 }])
  again.close()
})
