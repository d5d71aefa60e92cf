import { expect, it } from 'vitest'
import { testsByKind } from '../kinds.ts'

it('tests share a worker unless they start a process or change what others see', () => {
  expect(testsByKind()).toEqual({
    units: expect.arrayContaining(['test/model/units.test.ts', 'test/rules/conditions/stuck.test.ts']),
    servers: expect.arrayContaining(['test/api/auth.test.ts', 'test/store/rollups.test.ts']),
    processes: expect.arrayContaining([
      'test/e2e/start.test.ts',
      'test/console/console.test.ts',
      'test/gateway/drivers/opcua/data-values.test.ts',
      'test/bus/power-cut.test.ts',
      'test/energy/night.test.ts',
    ]),
  })
})
