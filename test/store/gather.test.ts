import { expect, it } from 'vitest'
import { gather, gatherByPoint } from '../../store/gather.ts'
import { StoreUnavailableError } from '../../store/readings.ts'

function doubling() {
  const calls: number[][] = []
  const double = gather(async (numbers: readonly number[]) => {
    calls.push([...numbers])
    if (numbers.includes(13)) throw new Error('no 13')
    if (numbers.includes(99)) throw new StoreUnavailableError('away')
    return numbers.map(number => 2 * number)
  }, 3)
  return { calls, double }
}

it('what is asked together is one call, of so many at most, each with its own answer', async () => {
  const { calls, double } = doubling()
  expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8])
  expect(await double(5)).toBe(10)
  expect(calls).toEqual([[1, 2, 3], [4], [5]])
})

it('one that fails is the only one', async () => {
  const { calls, double } = doubling()
  const outcomes = await Promise.allSettled([1, 13, 2].map(double))
  expect(
    outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
  ).toEqual([2, 'no 13', 4])
  expect(calls).toEqual([[1, 13, 2], [1], [13], [2]])
  expect(await double(6)).toBe(12)
})

it('a store that is away is asked once', async () => {
  const { calls, double } = doubling()
  const outcomes = await Promise.allSettled([1, 99, 2].map(double))
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(calls).toEqual([[1, 99, 2]])
})

it('a call takes no more than it may weigh, and what weighs more goes alone', async () => {
  const calls: number[][] = []
  const same = gather(
    async (numbers: readonly number[]) => {
      calls.push([...numbers])
      return [...numbers]
    },
    10,
    weight => weight,
  )
  expect(await Promise.all([4, 5, 2, 30, Infinity, 1, 9, 1].map(same))).toEqual([
    4,
    5,
    2,
    30,
    Infinity,
    1,
    9,
    1,
  ])
  expect(calls).toEqual([[4, 5], [2], [30], [Infinity], [1, 9], [1]])
})

it('points are asked for once, and each asker gets those it named', async () => {
  const calls: string[][] = []
  const lengths = gatherByPoint(async points => {
    calls.push([...points])
    return points.filter(point => point !== 'unknown').map(point => ({ point, length: point.length }))
  }, 9)
  const [first, second] = await Promise.all([lengths(['a', 'unknown', 'bcd']), lengths(['bcd'])])
  expect(first).toEqual([
    { point: 'a', length: 1 },
    { point: 'bcd', length: 3 },
  ])
  expect(second).toEqual([{ point: 'bcd', length: 3 }])
  expect(calls).toEqual([['a', 'unknown', 'bcd']])
})
