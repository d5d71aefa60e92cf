import { expect, it, onTestFinished, vi } from 'vitest'
import { decodeReadingBatch, encodeReadingBatch } from '../../bus/codec.ts'
import { findChangedUnits, withoutPoints } from '../../ingest/changed-units.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { openPointUnits } from '../../store/point-units.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { reading, temporaryFolder } from '../bus/fixtures.ts'

const VOLUME = 'college/water/volume'
const POWER = 'college/heat/power'
const before = [
  { id: VOLUME, unit: 'm3' },
  { id: POWER, unit: 'kW' },
] as const
const after = [
  { id: VOLUME, unit: 'L' },
  { id: POWER, unit: 'kW' },
] as const

function open(file: string) {
  const units = openPointUnits({ file })
  onTestFinished(() => units.close())
  return units
}

const holding = (...points: string[]) => ({
  latest: async (asked: readonly string[]): Promise<Reading[]> =>
    asked.filter(point => points.includes(point)).map(point => ({ ...reading(1), point })),
})

it('refuses a point of which readings are stored in another unit, at every start, and no other', async () => {
  const file = `${temporaryFolder()}/units.sqlite`
  expect((await findChangedUnits(open(file), before, holding())).size).toBe(0)
  for (const _ of [1, 2]) {
    const refused = await findChangedUnits(open(file), after, holding(VOLUME, POWER))
    expect([...refused.keys()]).toEqual([VOLUME])
    expect(refused.get(VOLUME)!.unit).toBe('L')
    expect(refused.get(VOLUME)!.reason).toMatch(
      /^college\/water\/volume was in m3 and is in L now: .*another id/,
    )
  }
  expect((await findChangedUnits(open(file), before, holding(VOLUME))).size).toBe(0)
})

it('lets the unit of a point change of which nothing is stored', async () => {
  const units = open(`${temporaryFolder()}/units.sqlite`)
  await findChangedUnits(units, before, holding())
  expect((await findChangedUnits(units, after, holding(POWER))).size).toBe(0)
  expect([...(await findChangedUnits(units, before, holding(VOLUME))).keys()]).toEqual([VOLUME])
})

it('asks the store only where a unit changed, and trusts nothing when it is away', async () => {
  const units = open(`${temporaryFolder()}/units.sqlite`)
  const latest = vi.fn(() => Promise.reject(new StoreUnavailableError('away')))
  await findChangedUnits(units, before, { latest })
  expect(latest).not.toHaveBeenCalled()
  expect([...(await findChangedUnits(units, after, { latest })).keys()]).toEqual([VOLUME])
})

it('rejects the readings of such a point under their numbers, and keeps the others', () => {
  const entries = [reading(1), { ...reading(2), point: VOLUME }, { ...reading(3), time: 0.5 }, reading(4)]
  const batch = { version: 1, sender: 'gw', stream: 'measures', run: 'r', sent: reading(1).time } as const
  const payload = encodeReadingBatch({ ...batch, first: 1, backlog: false, readings: toColumns(entries) })
  const kept = withoutPoints(
    decodeReadingBatch(payload),
    new Map([[VOLUME, { reason: 'other unit', unit: 'L' }]]),
  )
  expect(kept.batch.readings.values).toEqual([1, 4])
  expect(kept.numbers).toEqual([1, 4])
  expect(kept.count).toBe(4)
  expect(kept.rejected.map(({ number }) => number)).toEqual([3, 2])
  expect(kept.rejected[1]).toEqual({ number: 2, reason: 'other unit', entry: { ...entries[1], unit: 'L' } })
})
