import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createNews } from '../../gateway/news.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Value } from '../../model/reading.ts'

interface Item {
  value: Value
  quality: QualityCode
  /** ms */
  time: number
}

/** What is told of a point when something is read of it. */
function listen(heartbeat?: number, point = 'a/b/c', news = createNews<Item>()) {
  return (value: Value, seconds: number, quality: QualityCode = value === null ? 'bad:timeout' : 'good') => {
    const told: Item[] = []
    const time = seconds * 1000
    news.hear(point, { value, quality, time }, time, heartbeat, item => told.push(item))
    return told.map(item => item.time / 1000)
  }
}

it('a failure is told when it begins, changes, or goes on for ten minutes; a value always', () => {
  const told = listen()
  expect(told(5, 0)).toEqual([0])
  expect(told(5, 1)).toEqual([1])
  expect(told(null, 60)).toEqual([60])
  expect(told(null, 120)).toEqual([])
  expect(told(null, 180, 'bad:exception')).toEqual([180])
  expect(told(null, 240)).toEqual([240])
  expect(told(null, 839)).toEqual([])
  expect(told(null, 840)).toEqual([840])
  expect(told(null, 1000)).toEqual([])
  expect(told(5, 1001, 'uncertain:clock')).toEqual([1001])
  expect(told(null, 1002)).toEqual([1002])
})

it('what did not arrive is told again', () => {
  const news = createNews<Item>()
  const told = listen(60_000, 'a', news)
  expect(told(5, 0)).toEqual([0])
  expect(told(5, 1)).toEqual([])
  news.forget('a')
  expect(told(5, 2)).toEqual([2])
})

it('each point has its own', () => {
  const news = createNews<Item>()
  const [one, other] = [listen(undefined, 'a', news), listen(undefined, 'b', news)]
  expect(one(null, 0)).toEqual([0])
  expect(other(null, 0)).toEqual([0])
  expect(one(null, 1)).toEqual([])
})

it('a state that has a heartbeat is told when it changes, and again after so long', () => {
  const told = listen(60_000)
  expect(told('off', 0)).toEqual([0])
  expect(told('off', 10)).toEqual([])
  expect(told('on', 20)).toEqual([20])
  expect(told('off', 30)).toEqual([30])
  expect(told('off', 89)).toEqual([])
  expect(told('off', 90)).toEqual([90])
  expect(told(null, 100)).toEqual([100])
  expect(told(null, 170)).toEqual([])
  expect(told('off', 171)).toEqual([171])
  expect(told('off', 172, 'uncertain:clock')).toEqual([172])
})

it('an index that has a heartbeat is told once more as it was, before it rises or is lost', () => {
  const told = listen(60_000)
  expect(told(7, 0)).toEqual([0])
  expect(told(7, 10)).toEqual([])
  expect(told(7, 20)).toEqual([])
  expect(told(8, 30)).toEqual([20, 30])
  expect(told(9, 40)).toEqual([40])
  expect(told(9, 50)).toEqual([])
  expect(told(null, 60)).toEqual([50, 60])
  expect(told(null, 70)).toEqual([])
  expect(told(9, 80)).toEqual([80])
})

it('trap 15: of an index that is told when it changes, every consumption is that of all that was read', () => {
  const reads = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 5, null), { minLength: 2, maxLength: 80 })
  fc.assert(
    fc.property(reads, fc.integer({ min: 1, max: 10 }), (gains, heartbeat) => {
      let index = 0
      const read = gains.map((gain, time): Item => {
        index += gain ?? 1
        return { value: gain === null ? null : index, quality: gain === null ? 'bad:timeout' : 'good', time }
      })
      const news = createNews<Item>()
      const told: Item[] = []
      for (const item of read) news.hear('a', item, item.time, heartbeat, news => told.push(news))
      expect(told.map(({ time }) => time)).toEqual(
        [...new Set(told.map(({ time }) => time))].sort((a, b) => a - b),
      )
      const until = told.findLast(({ value }) => value !== null)?.time ?? -1
      for (let time = 0; time <= until; time++) expect(indexAt(told, time)).toBe(indexAt(read, time))
    }),
  )
})

/** Between two readings a meter is taken to have counted evenly. */
function indexAt(items: readonly Item[], time: number): number | undefined {
  const known = items.filter((item): item is Item & { value: number } => item.value !== null)
  const before = known.findLast(item => item.time <= time)
  const after = known.find(item => item.time >= time)
  if (!before || !after) return undefined
  if (before.time === after.time) return before.value
  return before.value + ((after.value - before.value) * (time - before.time)) / (after.time - before.time)
}
