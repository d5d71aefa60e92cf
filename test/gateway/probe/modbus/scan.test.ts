import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer, Question } from '../../../../gateway/drivers/modbus/explain.ts'
import { type Run, type ScanOptions, scan } from '../../../../gateway/probe/modbus/scan.ts'
import { handClock } from '../../collector.ts'

const OPTIONS = { unit: 1, table: 'holding', budget: 60_000, progress: () => {} } as const

/** A unit that gives a read when `allows` does, each register holding its address. */
function unitThat(allows: (question: Question) => boolean | Answer) {
  const questions: Question[] = []
  return {
    questions,
    async ask(question: Question): Promise<Answer> {
      questions.push(question)
      const allowed = allows(question)
      if (typeof allowed === 'object') return allowed
      return allowed ? { kind: 'data', data: addressesOf(question) } : { kind: 'exception', code: 2 }
    },
  }
}

function addressesOf({ address, count }: Question): number[] {
  return Array.from({ length: count }, (_, i) => address + i)
}

function scanOf(unit: Parameters<typeof scan>[0], options: Partial<ScanOptions>) {
  return scan(unit, { ...OPTIONS, clock: handClock(), from: 0, to: 99, ...options })
}

const addresses = (runs: readonly Run[]) => runs.flatMap(({ data }) => data)

describe('a scan', () => {
  it.each([10, 11])(
    'takes exception %i for what it is: there is no such unit to have registers',
    async code => {
      const unit = unitThat(() => ({ kind: 'exception', code }))
      const { runs, ended } = await scanOf(unit, {})
      expect(runs).toEqual([])
      expect(ended).toMatchObject({ why: 'answer', answer: { kind: 'exception', code } })
      expect(unit.questions).toHaveLength(3)
    },
  )

  it('finds exactly the addresses that answer, whichever are refused', () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(199)), fc.nat(99), fc.nat(99), async (there, from, length) => {
        const present = new Set(there)
        const unit = unitThat(question => addressesOf(question).every(address => present.has(address)))
        const { runs, refused, ended } = await scanOf(unit, { from, to: from + length })
        const expected = [...present].filter(at => at >= from && at <= from + length).sort((a, b) => a - b)
        expect(addresses(runs)).toEqual(expected)
        expect({ refused, ended }).toEqual({ refused: length + 1 - expected.length, ended: undefined })
        for (const { address, data } of runs) expect(data[0]).toBe(address)
        for (const { address, count } of unit.questions) {
          expect(address).toBeGreaterThanOrEqual(from)
          expect(address + count - 1).toBeLessThanOrEqual(from + length)
        }
      }),
    ))

  it('finds values of two and four registers that are given as a whole or not at all', async () => {
    const values = [
      [10, 2],
      [12, 2],
      [31, 4],
      [35, 2],
      [50, 1],
    ] as const
    const unit = unitThat(({ address, count }) => {
      let at = address
      for (const [start, length] of values) if (start === at && at < address + count) at += length
      return at === address + count
    })
    const { runs } = await scanOf(unit, {})
    expect(runs.map(({ address, data }) => [address, data.length])).toEqual([
      [10, 4],
      [31, 6],
      [50, 1],
    ])
  })

  it('asks for much at once where all is there, and for bits by the thousand', async () => {
    const unit = unitThat(() => true)
    await scanOf(unit, { to: 639 })
    expect(unit.questions.map(({ count }) => count)).toEqual(Array(10).fill(64))
    const bits = unitThat(() => true)
    await scanOf(bits, { table: 'coil', to: 2047 })
    expect(bits.questions.map(({ count }) => count)).toEqual([1024, 1024])
  })

  it('ends when the time is up, and says where', async () => {
    const clock = handClock()
    const unit = unitThat(() => {
      clock.advance(100)
      return true
    })
    const { runs, ended } = await scanOf(unit, { clock, budget: 150, to: 639 })
    expect(ended).toEqual({ why: 'time', address: 128 })
    expect(addresses(runs)).toHaveLength(128)
  })

  it('leaves a table that the device does not have after one question', async () => {
    const answer: Answer = { kind: 'exception', code: 1 }
    const unit = unitThat(() => answer)
    expect((await scanOf(unit, {})).ended).toMatchObject({ why: 'answer', answer })
    expect(unit.questions).toHaveLength(1)
  })

  it('leaves a unit that is silent, and goes on where it is so now and then', async () => {
    const dead = unitThat(() => ({ kind: 'silence' }))
    expect((await scanOf(dead, {})).ended).toMatchObject({ answer: { kind: 'silence' } })
    expect(dead.questions).toHaveLength(3)
    const shy = unitThat(question => (addressesOf(question).includes(5) ? { kind: 'silence' } : true))
    expect(addresses((await scanOf(shy, { from: 4, to: 9 })).runs)).toEqual([4, 6, 7, 8, 9])
  })
})
