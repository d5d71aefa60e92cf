import { expect, it } from 'vitest'
import { unitTests } from '../units.ts'

it('tests share a worker unless they start something or change what others see', () => {
  const shared = unitTests()
  expect(shared).toEqual(
    expect.arrayContaining(['test/model/units.test.ts', 'test/rules/conditions/stuck.test.ts']),
  )
  for (const apart of [
    'test/e2e/start.test.ts',
    'test/console/console.test.ts',
    'test/api/auth.test.ts',
    'test/gateway/drivers/opcua/data-values.test.ts',
    'test/store/rollups.test.ts',
    'test/bus/power-cut.test.ts',
    'test/energy/night.test.ts',
  ])
    expect(shared).not.toContain(apart)
})
