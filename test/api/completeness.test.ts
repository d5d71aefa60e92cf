import { afterAll, beforeAll, expect, it } from 'vitest'
import { summarize } from '../../api/completeness/completeness.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry, Outcome } from '../../model/ledger.ts'
import { emptyColumns } from '../../model/reading.ts'
import { type Hub, readJson, startHub } from './hub.ts'

const at = (text: string) => Date.parse(text)

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
  const entry = (hour: string, outcome: Outcome, count: number, sender = 'nord'): LedgerEntry => {
    return { sender, stream: 'measures', hour: at(hour), outcome, count }
  }
  const position = (upTo: number, more: Partial<StreamPosition> = {}): StreamPosition => {
    return { sender: 'nord', stream: 'measures', run: 'r', upTo, ranges: [], ...more }
  }
  const positions = [
    position(10, {
      ranges: [
        [13, 14],
        [20, 20],
      ],
    }),
    position(5, { run: 'older', ranges: [[7, 9]] }),
    position(1, { sender: 'sud', stream: 'indexes' }),
  ]
  await hub.readings.write(emptyColumns(), positions, [
    entry('2026-10-24T21:00:00Z', 'prompt', 1),
    entry('2026-10-24T22:00:00Z', 'prompt', 100),
    entry('2026-10-24T22:00:00Z', 'late', 20),
    entry('2026-10-25T22:00:00Z', 'quarantined', 3),
    entry('2026-10-25T22:00:00Z', 'outbox-full', 4),
    entry('2026-10-25T23:00:00Z', 'corrupt', 5),
    { ...entry('2026-10-25T22:00:00Z', 'prompt', 6, 'sud'), stream: 'indexes' },
  ])
})
afterAll(() => hub.close())

const counts = (more: object) => {
  return { received: 0, late: 0, quarantined: 0, dropped: { 'outbox-full': 0, corrupt: 0 }, ...more }
}

it('sums the hours of a civil day, that of 25 hours too, and tells what is missing of all runs', async () => {
  expect(await hub.json('/v1/completeness?by=day&from=2026-10-25&to=2026-10-26')).toEqual({
    by: 'day',
    from: '2026-10-24T22:00:00.000Z',
    to: '2026-10-25T23:00:00.000Z',
    streams: [
      {
        sender: 'nord',
        stream: 'measures',
        missing: 2 + 5 + 1,
        periods: [
          {
            start: '2026-10-25T00:00:00+02:00',
            end: '2026-10-26T00:00:00+01:00',
            ...counts({ received: 120, late: 20, quarantined: 3, dropped: { 'outbox-full': 4, corrupt: 0 } }),
          },
        ],
      },
      {
        sender: 'sud',
        stream: 'indexes',
        missing: 0,
        periods: [
          {
            start: '2026-10-25T00:00:00+02:00',
            end: '2026-10-26T00:00:00+01:00',
            ...counts({ received: 6 }),
          },
        ],
      },
    ],
    deleted: [],
  })
})

it('gives whole hours, of one sender, and only those of which something is known', async () => {
  const path = '/v1/completeness?by=hour&sender=nord&from=2026-10-24T22:30:00Z&to=2026-10-25T23:00:01Z'
  const { from, to, streams } = await hub.json(path)
  expect([from, to]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-26T00:00:00.000Z'])
  expect(streams).toHaveLength(1)
  expect(streams[0].periods).toEqual([
    {
      start: '2026-10-25T00:00:00+02:00',
      end: '2026-10-25T01:00:00+02:00',
      ...counts({ received: 120, late: 20 }),
    },
    {
      start: '2026-10-25T23:00:00+01:00',
      end: '2026-10-26T00:00:00+01:00',
      ...counts({ quarantined: 3, dropped: { 'outbox-full': 4, corrupt: 0 } }),
    },
    {
      start: '2026-10-26T00:00:00+01:00',
      end: '2026-10-26T01:00:00+01:00',
      ...counts({ dropped: { 'outbox-full': 0, corrupt: 5 } }),
    },
  ])
})

it('knows nothing of a sender that was never heard, and refuses other steps', async () => {
  expect((await hub.json('/v1/completeness?by=day&sender=est')).streams).toEqual([])
  const refused = await hub.get('/v1/completeness?by=month')
  expect(refused.status).toBe(400)
  expect((await readJson(refused)).errors).toMatchObject([{ name: 'by', allowed: ['hour', 'day'] }])
})

it('counts what was set aside and stored later as received', () => {
  const of = { sender: 'nord', stream: 'measures', hour: 0 } as const
  const entries = [
    { ...of, outcome: 'prompt', count: 90 },
    { ...of, outcome: 'quarantined', count: 10 },
    { ...of, outcome: 'released', count: 7 },
  ] as const
  expect(summarize(entries, [{ start: 0, end: 3_600_000 }])).toMatchObject([
    { received: 97, quarantined: 3, late: 0 },
  ])
})
