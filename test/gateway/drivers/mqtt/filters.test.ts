import { expect, it } from 'vitest'
import { widestFilters } from '../../../../gateway/drivers/mqtt/filters.ts'

it.each([
  [['a/b', 'a/b'], ['a/b']],
  [['a/b', 'a/+', 'a/#'], ['a/#']],
  [
    ['a/+', 'a/b/c'],
    ['a/+', 'a/b/c'],
  ],
  [['a', 'a/#'], ['a/#']],
  [
    ['a/+/c', 'a/#', '+/b/c'],
    ['a/#', '+/b/c'],
  ],
  [['a/+', 'a/+/#'], ['a/+/#']],
])('of %j only %j are subscribed to', (filters, widest) => {
  expect(widestFilters(filters)).toEqual(widest)
})
