import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../model/time.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { payloadText, type QuarantineItem } from '../../store/quarantine.ts'
import { temporaryFolder } from '../bus/fixtures.ts'
import { testQuarantine } from '../ingest/hub.ts'

const MIB = 1024 ** 2
const NOW = Date.UTC(2026, 10, 22)

function item(n: number, more: Partial<QuarantineItem> = {}): QuarantineItem {
  const place = { sender: 'gateway', stream: 'measures', run: 'r', first: n, last: n, counted: 1 } as const
  return {
    kind: 'rejected',
    reason: 'value is missing',
    time: NOW + n,
    ...place,
    payload: { value: n },
    ...more,
  }
}

const many = (count: number, more: Partial<QuarantineItem> = {}, from = 1) =>
  Array.from({ length: count }, (_, i) => item(from + i, more))

it('keeps items as they came, and lists the newest first, page by page', async () => {
  const quarantine = await testQuarantine()
  const gap = item(9, { kind: 'gap', counted: 0, payload: { range: [9, 9] } })
  await quarantine.append([item(1), item(2, { topic: 'a/b', sender: 'other' })])
  await quarantine.append([])
  await quarantine.append([gap])
  const [newest, ...older] = quarantine.list({}, { limit: 10 })
  expect(newest).toEqual({ ...gap, id: 3, times: 1 })
  expect(older.map(({ id }) => id)).toEqual([2, 1])
  expect(quarantine.list({}, { before: 3, limit: 1 }).map(({ first }) => first)).toEqual([2])
  expect(quarantine.waiting({}, { after: 1, limit: 9 }).map(({ id }) => id)).toEqual([2, 3])
})

it('finds items by kind, sender, time, a part of the reason, and id', async () => {
  const quarantine = await testQuarantine()
  await quarantine.append([
    item(1),
    item(2, { kind: 'conflict' }),
    item(3, { sender: 'south', reason: 'x%y' }),
  ])
  const found = (filter: Parameters<typeof quarantine.list>[0]) =>
    quarantine.list(filter, { limit: 9 }).map(({ first }) => first)
  expect(found({ kind: 'conflict' })).toEqual([2])
  expect(found({ sender: 'south' })).toEqual([3])
  expect(found({ since: NOW + 2 })).toEqual([3, 2])
  expect(found({ reason: '%' })).toEqual([3])
  expect(found({ id: 1 })).toEqual([1])
  expect(found({ released: true })).toEqual([])
})

it('counts by kind, sender and reason', async () => {
  const quarantine = await testQuarantine()
  await quarantine.append([item(1), item(5), item(6, { reason: 'other' })])
  const of = { kind: 'rejected', sender: 'gateway' }
  expect(quarantine.groups({}, 9)).toEqual([
    { ...of, reason: 'value is missing', items: 2, from: NOW + 1, to: NOW + 5 },
    { ...of, reason: 'other', items: 1, from: NOW + 6, to: NOW + 6 },
  ])
  expect(quarantine.groups({}, 1)).toHaveLength(1)
  expect(quarantine.totals()).toMatchObject([{ ...of, items: 3, released: 0, forgotten: 0 }])
})

it('keeps what comes again once, and says how often it came', async () => {
  const quarantine = await testQuarantine()
  await quarantine.append([item(1), item(1)])
  await quarantine.append([item(1, { time: NOW + 99 }), item(1, { payload: { value: 'another' } })])
  expect(quarantine.list({}, { limit: 9 })).toMatchObject([
    { times: 1, payload: { value: 'another' } },
    { times: 3, time: NOW + 1 },
  ])
  expect(quarantine.totals()).toMatchObject([{ items: 2 }])
})

it('is there after a restart, and for several processes', async () => {
  const folder = temporaryFolder()
  const one = await testQuarantine({ folder })
  const other = await testQuarantine({ folder })
  await Promise.all([one.append(many(700)), other.append(many(700))])
  expect(one.totals()).toMatchObject([{ items: 700 }])
  expect((await testQuarantine({ folder })).list({}, { limit: 1000 })).toHaveLength(700)
})

it('takes over the files of an earlier version, also one with a torn line', async () => {
  const folder = temporaryFolder()
  const earlier = {
    time: '2026-11-22T23:59:00.000Z',
    kind: 'malformed',
    reason: 'r',
    sender: 's',
    payload: 'p',
  }
  const lines = [JSON.stringify(earlier), '{"time":"19', JSON.stringify({ ...earlier, first: 3, last: 5 })]
  writeFileSync(join(folder, '2026-11-22.jsonl'), lines.join('\n'))
  writeFileSync(join(folder, 'notes.txt'), '')
  const quarantine = await testQuarantine({ folder })
  expect(quarantine.list({}, { limit: 9 })).toMatchObject([
    { payload: 'p', time: Date.parse(earlier.time), first: 3, last: 5, counted: 3 },
    { payload: 'p', kind: 'malformed' },
  ])
  expect(readdirSync(folder).filter(name => !name.startsWith('quarantine.'))).toEqual(['notes.txt'])
})

describe('is bounded:', () => {
  const filler = (n: number, more: Partial<QuarantineItem> = {}) =>
    item(n, { payload: `${n} ${'x'.repeat(50_000)}`, ...more })

  it('whoever has the most loses the oldest, counted, and nobody else loses anything', async () => {
    const folder = temporaryFolder()
    const quarantine = await testQuarantine({ folder, maxBytes: 8 * MIB })
    await quarantine.append(many(20, { sender: 'quiet' }))
    for (let n = 1; n <= 400; n += 50)
      await quarantine.append(Array.from({ length: 50 }, (_, i) => filler(n + i, { sender: 'mad' })))
    expect(quarantine.list({ sender: 'quiet' }, { limit: 100 })).toHaveLength(20)
    const kept = quarantine.list({ sender: 'mad' }, { limit: 1000 })
    expect(kept[0]!.first).toBe(400)
    expect(kept.length).toBeGreaterThan(50)
    const [mad] = quarantine.totals()
    expect(mad).toMatchObject({ sender: 'mad', items: 400, forgotten: 400 - kept.length })
    const onDisk = readdirSync(folder).map(name => statSync(join(folder, name)).size)
    expect(onDisk.reduce((sum, size) => sum + size, 0)).toBeLessThan(16 * MIB)
  })

  it('gap records have room of their own, which nothing else takes', async () => {
    const quarantine = await testQuarantine({ maxBytes: 8 * MIB })
    await quarantine.append(many(100, { kind: 'gap' }))
    await quarantine.append(Array.from({ length: 300 }, (_, i) => filler(i)))
    expect(quarantine.list({ kind: 'gap' }, { limit: 1000 })).toHaveLength(100)
    await quarantine.append(Array.from({ length: 300 }, (_, i) => filler(i, { kind: 'gap', sender: 'mad' })))
    expect(quarantine.list({ kind: 'gap', sender: 'gateway' }, { limit: 1000 })).toHaveLength(100)
    const bytes = quarantine.totals().reduce((sum, total) => sum + total.bytes, 0)
    expect(bytes).toBeLessThan(8 * MIB)
    expect(quarantine.list({ kind: 'rejected' }, { limit: 1000 }).length).toBeGreaterThan(90)
  })

  it('of a payload that is much too long the beginning is kept', async () => {
    const quarantine = await testQuarantine({ maxBytes: 8 * MIB })
    await quarantine.append([item(1, { payload: 'y'.repeat(2 * MIB) })])
    const [kept] = quarantine.list({}, { limit: 1 })
    expect(kept!.truncated).toBe(true)
    expect(kept!.payload).toMatch(/^"y{999}$/)
  })

  it('senders that are invented are counted together', async () => {
    const quarantine = await testQuarantine()
    await quarantine.append(Array.from({ length: 1500 }, (_, i) => item(1, { sender: `mad-${i}` })))
    await quarantine.append([item(1, { sender: 'No Name' }), item(2, { sender: 'mad-1' })])
    const totals = quarantine.totals()
    expect(totals.length).toBeLessThanOrEqual(1001)
    expect(totals.find(({ sender }) => sender === '')!.items).toBe(501)
    expect(totals.reduce((sum, { items }) => sum + items, 0)).toBe(1502)
  })

  it('age is the time that the hub has run, whatever its clock says; gaps have none', async () => {
    const folder = temporaryFolder()
    let ran = 0
    let now = 0
    const options = { folder, maxAge: 30 * DAY_MS, clock: { now: () => now, elapsed: () => ran } }
    const quarantine = await testQuarantine(options)
    await quarantine.append([item(1, { time: 0 }), item(2, { kind: 'gap' })])
    now = NOW
    await quarantine.append([item(3)])
    expect(quarantine.list({}, { limit: 9 })).toHaveLength(3)
    ran = 20 * DAY_MS
    await quarantine.append([item(4)])
    ran = 1_000_000 * DAY_MS
    const clock = { now: () => now, elapsed: () => ran }
    const later = await testQuarantine({ ...options, clock })
    ran += 11 * DAY_MS
    await later.append([item(5)])
    expect(later.list({}, { limit: 9 }).map(({ first }) => first)).toEqual([5, 4, 2])
    expect(later.totals()).toMatchObject([{ kind: 'gap' }, { kind: 'rejected', items: 4, forgotten: 2 }])
  })
})

it('names the file that cannot be opened', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'quarantine.sqlite'))
  const clock = { now: () => 0, elapsed: () => 0 }
  await expect(openQuarantine({ folder, maxBytes: MIB, maxAge: 1, clock })).rejects.toThrow(
    'quarantine.sqlite',
  )
})

it('keeps bytes that are no text', () => {
  expect(payloadText(Buffer.from('été'))).toBe('été')
  expect(payloadText(Buffer.from([0xff, 0]))).toEqual({ base64: '/wA=' })
})
