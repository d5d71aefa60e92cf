import { expect, it } from 'vitest'
import { intersect, isAlways, isEmpty, overlap, without } from '../../model/local-dates.ts'

it('open ends hold for ever, and the end is exclusive', () => {
  expect(isEmpty({ from: '2026-01-01', to: '2026-01-01' })).toBe(true)
  expect(isEmpty({})).toBe(false)
  expect(overlap({ to: '2026-01-01' }, { from: '2026-01-01' })).toBe(false)
  expect(overlap({ to: '2026-01-02' }, { from: '2026-01-01' })).toBe(true)
  expect(intersect({ to: '2026-03-01' }, { from: '2026-02-01' })).toEqual({
    from: '2026-02-01',
    to: '2026-03-01',
  })
  expect(intersect({}, { from: '2026-02-01' })).toEqual({ from: '2026-02-01' })
  expect(intersect({ to: '2026-02-01' }, { from: '2026-02-01' })).toBeUndefined()
})

it('dates that touch hold always, those with a gap do not', () => {
  expect(isAlways([])).toBe(false)
  expect(isAlways([{}])).toBe(true)
  expect(isAlways([{ from: '2026-01-01' }, { to: '2026-01-01' }])).toBe(true)
  expect(isAlways([{ from: '2026-01-02' }, { to: '2026-01-01' }])).toBe(false)
  expect(isAlways([{ to: '2026-01-01' }])).toBe(false)
})

it('what is left of dates without others may be in parts', () => {
  const during = { from: '2026-02-01', to: '2026-03-01' }
  expect(without({}, [during])).toEqual([{ to: '2026-02-01' }, { from: '2026-03-01' }])
  expect(without({ from: '2026-02-10' }, [during])).toEqual([{ from: '2026-03-01' }])
  expect(without(during, [{}])).toEqual([])
  expect(without(during, [])).toEqual([during])
})
