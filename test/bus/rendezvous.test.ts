import { expect, it } from 'vitest'
import { rank } from '../../bus/rendezvous.ts'

const keys = Array.from({ length: 3000 }, (_, i) => `site-${i}`)

it('members share the keys evenly, whatever the order in which they are named', () => {
  const counts = new Map<string, number>()
  for (const key of keys) {
    const [first] = rank(['a', 'b', 'c'], key)
    expect(rank(['c', 'a', 'b'], key)[0]).toBe(first)
    counts.set(first!, (counts.get(first!) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

it('when a member goes, only its keys move, and each to the one that came next', () => {
  for (const key of keys) {
    const [first, second] = rank(['a', 'b', 'c'], key)
    const left = rank(['a', 'c'], key)[0]
    expect(left).toBe(first === 'b' ? second : first)
  }
})
