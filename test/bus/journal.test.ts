import { describe, expect, it } from 'vitest'
import { decodeJournal, encodeRecord } from '../../bus/journal.ts'
import { readings } from './fixtures.ts'

const lines = [1, 4, 7].map(first => encodeRecord({ first, entries: readings(first, 3) }))
const journal = Buffer.concat(lines)
const whole = decodeJournal(journal)

describe('the journal of an outbox', () => {
  it('reads what it wrote, text with line breaks included', () => {
    const text = { ...readings(1, 1)[0]!, value: 'première ligne\nseconde ❄' }
    expect(decodeJournal(encodeRecord({ first: 9, entries: [text] })).records).toEqual([
      { first: 9, entries: [text] },
    ])
    expect(whole).toMatchObject({ end: journal.length, damaged: 0, tail: 'clean' })
    expect(whole.records).toHaveLength(3)
  })

  it('knows a line that was cut short at any byte', () => {
    const start = journal.length - lines[2]!.length
    for (let cut = start + 1; cut < journal.length; cut++) {
      const torn = decodeJournal(journal.subarray(0, cut))
      expect(torn, `cut at ${cut}`).toMatchObject({ end: start, damaged: 0, tail: 'torn' })
      expect(torn.records).toEqual(whole.records.slice(0, 2))
    }
  })

  it('finds any single byte that changed and loses that record only', () => {
    const start = lines[0]!.length
    for (let at = start; at < start + lines[1]!.length - 1; at++) {
      const changed = Buffer.from(journal)
      changed[at]! ^= 0x15
      const decoded = decodeJournal(changed)
      expect(decoded.damaged, `byte ${at}`).toBeGreaterThan(0)
      expect(decoded.records).toEqual([whole.records[0], whole.records[2]])
      expect(decoded.tail).toBe('clean')
    }
  })

  it('tells a damaged last line from a torn one', () => {
    const changed = Buffer.from(journal)
    changed[journal.length - 5]! ^= 1
    expect(decodeJournal(changed)).toMatchObject({ tail: 'damaged', damaged: 1 })
  })
})
