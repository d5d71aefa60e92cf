import { expect, test } from 'vitest'
import { openOutOfService } from '../../rules/out-of-service.ts'
import { liveRule } from './live-rule.ts'
import { FROST, MIN, START, SURFACE, testRegistry } from './territory.ts'

const SURFACE_POINT = { id: SURFACE, site: 'col-du-loup' }

test('everything that is given must fit, from its beginning to before its end, in local time', async () => {
  const { territory } = await testRegistry([FROST])
  const span = { from: '2026-11-22T04:00', to: '2026-11-22T05:00', reason: 'R' }
  const outOfService = [
    { ...span, id: 'site', sites: ['col-du-loup'], rules: ['frost'] },
    { ...span, id: 'point', points: ['col-du-loup/station/air'] },
  ]
  const isOut = openOutOfService({ outOfService, territory })
  expect(isOut({ id: 'frost' }, SURFACE_POINT, START)).toBe(true)
  expect(isOut({ id: 'frost' }, SURFACE_POINT, START - 1)).toBe(false)
  expect(isOut({ id: 'frost' }, SURFACE_POINT, START + 60 * MIN)).toBe(false)
  expect(isOut({ id: 'other' }, SURFACE_POINT, START)).toBe(false)
  expect(isOut({ id: 'frost' }, { id: SURFACE, site: 'elsewhere' }, START)).toBe(false)
  expect(isOut({ id: 'other' }, { id: 'col-du-loup/station/air', site: 'col-du-loup' }, START)).toBe(true)
})

test('what still holds when it is in service again fires then', async () => {
  const entry = `
outOfService:
  - { id: work, points: [${SURFACE}], from: 2026-11-22T04:00, to: 2026-11-22T05:00, reason: Work }
`
  const registry = await testRegistry([FROST], [], entry)
  const live = await liveRule(registry, 'frost', SURFACE)
  await live.say(70, { [SURFACE]: -1 })
  expect(live.told()).toEqual(['60 fired'])
})
