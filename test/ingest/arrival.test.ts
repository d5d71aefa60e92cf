import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeReadingBatch, encodeReadingBatch } from '../../bus/codec.ts'
import { accountFor } from '../../ingest/account.ts'
import { type Arrival, joinArrival, readArrival } from '../../ingest/arrival.ts'
import { advance, beginning } from '../../ingest/positions.ts'
import type { Gap, ReadingBatch } from '../../model/delivery.ts'
import { appendColumns, type Reading, toColumns } from '../../model/reading.ts'
import { readings } from '../bus/fixtures.ts'

const stream = { sender: 'gateway', stream: 'measures', run: 'r' } as const
const join = (batch: ReadingBatch, more: ReadingBatch) => appendColumns(batch.readings, more.readings)

function arrival(first: number, entries: readonly Reading[], more: { gaps?: Gap[]; arrived?: number } = {}) {
  const { gaps, arrived = 0 } = more
  const envelope = {
    version: 1,
    ...stream,
    first,
    sent: 0,
    backlog: false,
    ...(gaps && { gaps }),
  } as const
  const payload = Buffer.from(encodeReadingBatch({ ...envelope, readings: toColumns(entries) }))
  return readArrival('affluent/v1/gateway/readings', payload, decodeReadingBatch, arrived)
}

const broken = (n: number): Reading => ({ ...readings(n, 1)[0]!, value: null })

describe('arrivals that continue one another', () => {
  it('are as one, however the entries are cut into messages and whatever of them came before', () => {
    const entries = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 })
    const cuts = fc.array(fc.nat(29), { maxLength: 6 })
    fc.assert(
      fc.property(entries, cuts, fc.nat(40), fc.boolean(), (sound, places, known, hasGap) => {
        const all = sound.map((good, i) => (good ? readings(i, 1)[0]! : broken(i)))
        const gaps: Gap[] | undefined = hasGap
          ? [{ range: [1, 9], from: 0, to: 1, counts: {}, reason: 'outbox-full' }]
          : undefined
        const starts = [...new Set([0, ...places.filter(place => place < all.length)])].sort((a, b) => a - b)
        const parts = starts.map((start, i) =>
          arrival(10 + start, all.slice(start, starts[i + 1]), { gaps: i === 0 ? gaps : undefined }),
        )
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
        const [joined, ...others] = parts as [Arrival<ReadingBatch>, ...Arrival<ReadingBatch>[]]
        for (const other of others) expect(joinArrival(joined, other, join)).toBe(true)
        const whole = arrival(10, all, { gaps })
        expect(joined).toEqual({ ...whole, bytes })
        const before = advance(beginning(stream), { first: 5, count: known })
        const account = ({ carried, decoded }: Arrival<ReadingBatch>) =>
          accountFor([{ carried: carried!, decoded: decoded!, before, arrived: 0 }])
        expect(account(joined)).toEqual(account(whole))
      }),
    )
  })

  it.each([
    ['that leaves a number out', () => arrival(12, readings(10, 1))],
    ['that repeats a number', () => arrival(10, readings(10, 1))],
    ['with gaps', () => arrival(11, readings(10, 1), { gaps: [] })],
    ['much later', () => arrival(11, readings(10, 1), { arrived: 1001 })],
    ['with more than is sensible', () => arrival(11, readings(10, 5000))],
  ])('but not one %s', (_, next) => {
    const first = arrival(10, readings(9, 1))
    const kept = structuredClone(first)
    expect(joinArrival(first, next(), join)).toBe(false)
    expect(first).toEqual(kept)
  })
})
