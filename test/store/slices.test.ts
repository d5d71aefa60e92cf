import { expect, it } from 'vitest'
import { workInSlices } from '../../store/slices.ts'

const SLICE_MS = 10

function slices(count: number) {
  let left = count
  return async () => {
    if (left-- === 0) return false
    const began = performance.now()
    while (performance.now() - began < SLICE_MS);
    return true
  }
}

it('rests four times as long as it works while readings come in, until nothing is left', async () => {
  let writes = 0
  const began = performance.now()
  await workInSlices(slices(3), () => writes++, new AbortController().signal)
  expect(performance.now() - began).toBeGreaterThan(3 * 5 * SLICE_MS - 5)
})

it('ends when its signal does', async () => {
  const ending = new AbortController()
  let asked = 0
  const slow = async () => {
    const began = performance.now()
    while (performance.now() - began < 50);
    return ++asked > 0
  }
  const writes = () => {
    if (asked > 0) setImmediate(() => ending.abort())
    return asked
  }
  await workInSlices(slow, writes, ending.signal)
  expect(asked).toBe(1)
})
