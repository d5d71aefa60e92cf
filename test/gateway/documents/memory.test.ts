import { expect, it } from 'vitest'
import { Memory } from '../../../gateway/documents/memory.ts'
import type { Sample } from '../../../gateway/driver.ts'
import { mqttPoint } from '../points.ts'

const point = mqttPoint('p', {}, { interval: 1000 })
const sample = (rest: Partial<Sample> = {}): Sample => ({ point, value: 1, quality: 'good', ...rest })
const gone = sample({ value: null, quality: 'bad:disconnected' })

it('tells a repetition of one source time by its value and quality', () => {
  const memory = new Memory()
  expect(memory.accept(sample({ time: 5 }), 0)).toBe(true)
  expect(memory.accept(sample({ time: 5 }), 1)).toBe(false)
  expect(memory.accept(sample({ time: 5, value: 2 }), 2)).toBe(true)
  expect(memory.accept(sample({ time: 6, value: 2 }), 3)).toBe(true)
  expect(memory.accept(sample(), 4)).toBe(true)
  expect(memory.accept(sample(), 5)).toBe(true)
})

it('names a silent point once, after so many intervals, and again when it has spoken', () => {
  const memory = new Memory()
  memory.accept(sample(), 500)
  expect(memory.takeSilent([point], 3, 0, 3499)).toEqual([])
  expect(memory.takeSilent([point], 3, 0, 3500)).toEqual([point])
  expect(memory.takeSilent([point], 3, 0, 9000)).toEqual([])
  memory.accept(sample(), 9000)
  expect(memory.takeSilent([point], 3, 0, 12_000)).toEqual([point])
})

it('does not take the time without a connection for silence', () => {
  const memory = new Memory()
  memory.accept(sample(), 500)
  expect(memory.takeSilent([point], 3, 60_000, 62_999)).toEqual([])
  expect(memory.takeSilent([point], 3, 60_000, 63_000)).toEqual([point])
})

it('tells once that a device is gone, whatever is kept back of it', () => {
  const memory = new Memory()
  expect(memory.accept(gone, 0)).toBe(true)
  expect(memory.accept(gone, 1)).toBe(false)
  expect(memory.accept(sample({ time: 1, late: true }), 2)).toBe(true)
  expect(memory.accept(gone, 3)).toBe(false)
  expect(memory.takeSilent([point], 3, 0, 99_000)).toEqual([])
  memory.accept(sample(), 4)
  expect(memory.accept(gone, 5)).toBe(true)
})
