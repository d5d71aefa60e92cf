import { describe, expect, it } from 'vitest'
import { Roll } from '../../bus/division.ts'

const timing = { beatMs: 1000, leaseMs: 5000, goneAfterMs: 10_000, listenMs: 1500, settleMs: 0 }

/** A member that has its lease and has listened, at the time 2000. */
function joined(exclusive = false): Roll {
  const roll = new Roll('a', timing, exclusive)
  roll.confirm(0, 0)
  roll.confirm(1900, 2000)
  return roll
}

describe('a member of a role', () => {
  it('works on nothing before its word has come back, nor before it has listened for the others', () => {
    const roll = new Roll('a', timing)
    expect(roll.division([], 5000)).toEqual([])
    roll.confirm(5000, 5010)
    expect(roll.division([], 5010)).toEqual([])
    roll.confirm(6000, 6010)
    expect(roll.division([], 6509)).toEqual([])
    expect(roll.division([], 6510)).toEqual(['a'])
  })

  it('gives up everything when its word does not come back, earlier than the others go without it', () => {
    const roll = joined()
    roll.hear('b', [], 2000)
    expect(roll.division([], 6899)).toEqual(['a', 'b'])
    expect(roll.division([], 6900)).toEqual([])
    expect(timing.leaseMs).toBeLessThan(timing.goneAfterMs)
  })

  it('listens anew after that, for those that it has heard may be gone', () => {
    const roll = joined()
    roll.confirm(7000, 7100)
    expect(roll.division([], 7100)).toEqual([])
    expect(roll.division([], 8600)).toEqual(['a'])
  })

  it('goes without those who said goodbye at once, and without the silent after a while', () => {
    const roll = joined()
    roll.hear('b', [], 2000)
    roll.hear('c', [], 2000)
    roll.leave('c')
    expect(roll.division([], 2000)).toEqual(['a', 'b'])
    roll.confirm(11_999, 11_999)
    roll.confirm(13_600, 13_600)
    expect(roll.others(11_999)).toEqual(['b'])
    expect(roll.others(12_000)).toEqual([])
    expect(roll.division([], 13_600)).toEqual(['a'])
  })

  it('waits until all others hold to the same division', () => {
    const roll = joined()
    roll.hear('b', ['a', 'b'], 2000)
    roll.hear('c', ['b', 'c'], 2000)
    expect(roll.agree(['a', 'b', 'c'], 2000)).toBe(false)
    roll.hear('b', ['a', 'b', 'c'], 2100)
    roll.hear('c', ['a', 'b', 'c'], 2100)
    expect(roll.agree(['a', 'b', 'c'], 2100)).toBe(true)
  })
})

describe('a member that works alone', () => {
  it('goes on when another comes, and stays away where another is at work', () => {
    const roll = joined(true)
    roll.hear('b', [], 2000)
    expect(roll.division(['a'], 2000)).toEqual(['a'])
    expect(roll.agree(['a'], 2000)).toBe(true)
    roll.hear('b', ['b'], 2000)
    expect(roll.division([], 2000)).toEqual([])
    expect(roll.agree(['a'], 2000)).toBe(false)
  })

  it('of two that begin together one stays away', () => {
    const one = joined(true)
    const other = new Roll('b', timing, true)
    other.confirm(0, 0)
    one.hear('b', [], 2000)
    other.hear('a', [], 2000)
    expect([...one.division([], 2000), ...other.division([], 2000)]).toHaveLength(1)
  })
})
