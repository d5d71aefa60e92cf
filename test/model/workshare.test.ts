import { expect, it } from 'vitest'
import { inTurn, limitHeld } from '../../model/workshare.ts'

it('holds no more at once than the limit, in order, and what exceeds it goes on alone', async () => {
  const within = limitHeld(10)
  const held = new Set<number>()
  const begun: number[] = []
  let most = 0
  await Promise.all(
    [4, 6, 1, 25, 2, 3].map(amount =>
      within(amount, async () => {
        held.add(amount)
        begun.push(amount)
        const sum = [...held].reduce((total, each) => total + each)
        if (amount === 25) expect(sum).toBe(25)
        else most = Math.max(most, sum)
        await new Promise(resolve => setImmediate(resolve))
        held.delete(amount)
      }),
    ),
  )
  expect(most).toBe(10)
  expect(begun).toEqual([4, 6, 1, 25, 2, 3])
})

it('gives back what work held that failed', async () => {
  const within = limitHeld(1)
  await expect(within(1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await within(1, async () => 'done')).toBe('done')
})

it('lets others in between work that goes on at once', async () => {
  let others = 0
  let working = true
  const count = () => {
    others++
    if (working) setImmediate(count)
  }
  setImmediate(count)
  await Promise.all(
    Array.from({ length: 20 }, () =>
      inTurn(() => {
        const began = performance.now()
        while (performance.now() - began < 6);
      }),
    ),
  )
  working = false
  expect(others).toBeGreaterThanOrEqual(9)
})
