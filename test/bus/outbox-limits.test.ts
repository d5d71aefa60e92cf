import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { describeFill, limitOutboxes, type OutboxLimits } from '../../bus/outbox-limits.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { type Gap, STREAMS, type Stream } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, silentLog, temporaryFolder } from './fixtures.ts'

const KIB = 1024

async function open(folder: string, stream: Stream = 'measures'): Promise<Outbox<Reading>> {
  const outbox = await openOutbox<Reading>({ folder, stream, log: silentLog, segmentBytes: 2 * KIB })
  onTestFinished(() => outbox.close())
  return outbox
}

function limit(outboxes: Outbox<Reading>[], limits: Partial<OutboxLimits>, clock = clockAt({ at: 0 })) {
  const limited = limitOutboxes({ outboxes, limits, clock, log: silentLog, tickMs: 5 })
  onTestFinished(() => limited.close())
  return limited
}

const clockAt = (time: { at: number }): Clock => ({ now: () => time.at, elapsed: () => time.at })

function fill(outbox: Outbox<Reading>, count: number): void {
  const from = outbox.next
  for (let n = from; n < from + count; n++) outbox.append([reading(n)])
}

/** What an outbox offers in the end: the number of each entry, and the gaps. */
function readAll(outbox: Outbox<Reading>): { numbers: number[]; gaps: Gap[] } {
  const numbers: number[] = []
  const gaps: Gap[] = []
  for (let from = 1; ; ) {
    const slice = outbox.read(from, 50)
    if (!slice) return { numbers, gaps }
    gaps.push(...(slice.gaps ?? []))
    for (const [i, entry] of slice.entries.entries()) {
      expect(entry).toEqual(reading(slice.first + i))
      numbers.push(slice.first + i)
    }
    from = slice.first + slice.entries.length
  }
}

/** Every number is offered once: as an entry, or in a gap whose counts and times are those of its entries. */
function expectAllAccounted(outbox: Outbox<Reading>, from = 1): { numbers: number[]; gaps: Gap[] } {
  const { numbers, gaps } = readAll(outbox)
  const all = [...numbers]
  for (const { range, counts, from, to, reason } of gaps) {
    const lost = Array.from({ length: range[1] - range[0] + 1 }, (_, i) => range[0] + i)
    all.push(...lost)
    expect(reason).toBe('outbox-full')
    expect(counts).toEqual(countPoints(lost))
    expect([from, to]).toEqual([reading(range[0]).time, reading(range[1]).time])
  }
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: outbox.next - from }, (_, i) => from + i))
  return { numbers, gaps }
}

function countPoints(numbers: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const n of numbers) counts[reading(n).point] = (counts[reading(n).point] ?? 0) + 1
  return counts
}

const journals = (folder: string) =>
  readdirSync(join(folder, 'measures'))
    .filter(name => name.endsWith('.journal'))
    .sort()

const sizeOnDisk = (folder: string) =>
  journals(folder).reduce((sum, name) => sum + readFileSync(join(folder, 'measures', name)).length, 0)

/** A folder as it would lie there if the process were killed now. */
function kill(folder: string): string {
  const left = temporaryFolder()
  cpSync(folder, left, { recursive: true })
  return left
}

describe('an outbox that gives up entries', () => {
  it('gives up the oldest, and announces all of them as one gap', async () => {
    const outbox = await open(temporaryFolder())
    fill(outbox, 300)
    for (let i = 0; i < 5; i++) expect(outbox.dropOldest()).toBe(true)
    const { numbers, gaps } = expectAllAccounted(outbox)
    expect(gaps).toHaveLength(1)
    expect(gaps[0]!.range[0]).toBe(1)
    expect(numbers.at(-1)).toBe(300)
  })

  it('says how large it is', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    const same = () => expect(outbox.bytes).toBe(sizeOnDisk(folder))
    fill(outbox, 300)
    same()
    expect(outbox.bytesAppended).toBe(outbox.bytes)
    outbox.dropOldest()
    outbox.dropOldest()
    same()
    outbox.acknowledge(200, [])
    same()
    await outbox.close()
    expect((await open(folder)).bytes).toBe(sizeOnDisk(folder))
  })

  it('keeps to a gap that was sent as it is, and begins another', async () => {
    const outbox = await open(temporaryFolder())
    fill(outbox, 300)
    outbox.dropOldest()
    const first = outbox.read(1, 10)!.gaps![0]!
    outbox.dropOldest()
    outbox.dropOldest()
    expect(expectAllAccounted(outbox).gaps.map(gap => gap.range[0])).toEqual([1, first.range[1] + 1])
    outbox.acknowledge(first.range[1], [])
    expectAllAccounted(outbox, first.range[1] + 1)
  })

  it('gives up what was read last: it may be stored already', async () => {
    const outbox = await open(temporaryFolder())
    fill(outbox, 300)
    outbox.read(1, 5)
    outbox.dropOldest()
    expect(outbox.read(1, 5)!.entries).toHaveLength(5)
    expect(expectAllAccounted(outbox).gaps).toHaveLength(1)
    while (outbox.dropOldest());
    expect(expectAllAccounted(outbox).numbers).toEqual([])
  })

  it('does not announce what was acknowledged', async () => {
    const outbox = await open(temporaryFolder())
    fill(outbox, 100)
    outbox.acknowledge(2, [[5, 6]])
    outbox.dropOldest()
    expect(readAll(outbox).gaps.map(gap => gap.range[0])).toEqual([3, 7])
  })

  it('has nothing to give up when it is empty', async () => {
    const outbox = await open(temporaryFolder())
    expect(outbox.dropOldest()).toBe(false)
    fill(outbox, 3)
    expect(outbox.dropOldest()).toBe(true)
    expect(outbox.dropOldest()).toBe(false)
    expect(expectAllAccounted(outbox).numbers).toEqual([])
    expect(outbox.append([reading(4)])).toBe(4)
  })

  it('counts alert events by their point', async () => {
    const folder = temporaryFolder()
    const outbox = await openOutbox<AlertEvent>({ folder, stream: 'alerts', log: silentLog })
    onTestFinished(() => outbox.close())
    const alert = { id: 'a', point: 'site/device/point' }
    outbox.append([{ type: 'fired', time: 5, actor: 'rules', alert } as AlertEvent])
    outbox.dropOldest()
    expect(outbox.read(1, 1)!.gaps).toMatchObject([{ from: 5, to: 5, counts: { 'site/device/point': 1 } }])
  })

  it('has announced the hole at whatever moment it is killed', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    fill(outbox, 200)
    outbox.dropOldest()
    expectAllAccounted(await open(kill(folder)))
    const files = journals(folder)
    const replaced = kill(folder)
    outbox.dropOldest()
    expect(journals(folder)).toEqual(files.filter((_, i) => i !== 1))
    // Between the two steps of a gap that grows: the segment that it replaces is there too.
    const left = kill(folder)
    cpSync(join(replaced, 'measures', files[1]!), join(left, 'measures', files[1]!))
    const after = await open(left)
    expect(expectAllAccounted(after).gaps).toHaveLength(1)
    while (after.dropOldest());
    expectAllAccounted(after)
    after.acknowledge(outbox.next - 1, [])
    expect(journals(left)).toHaveLength(1)
  })

  it('leaves the entries where the gap cannot be written', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    fill(outbox, 100)
    const blocked = `${segmentFile(join(folder, 'measures'), 1)}.new`
    mkdirSync(blocked)
    expect(() => outbox.dropOldest()).toThrow()
    expect(expectAllAccounted(outbox).gaps).toEqual([])
  })
})

describe('the limits of the outboxes of a sender', () => {
  it('hold, and nothing is lost unannounced', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    limit([outbox], { maxBytes: 20 * KIB })
    for (let i = 0; i < 30; i++) {
      fill(outbox, 20)
      await vi.waitFor(() => expect(sizeOnDisk(folder)).toBeLessThanOrEqual(20 * KIB))
    }
    const { numbers, gaps } = expectAllAccounted(outbox)
    expect(numbers.length).toBeGreaterThan(50)
    expect(gaps).toHaveLength(1)
  })

  it('cost the measures first, then the indexes, and the alerts last', async () => {
    const folder = temporaryFolder()
    const [alerts, indexes, measures] = (await Promise.all(STREAMS.map(stream => open(folder, stream)))) as [
      Outbox<Reading>,
      Outbox<Reading>,
      Outbox<Reading>,
    ]
    for (const outbox of [indexes, measures, alerts]) fill(outbox, 100)
    const each = alerts.bytes
    const lost = (outbox: Outbox<Reading>) => readAll(outbox).gaps.length > 0
    for (const [maxBytes, expected] of [
      [2.7 * each, [false, false, true]],
      [1.7 * each, [false, true, true]],
      [0.8 * each, [true, true, true]],
    ] as const) {
      const limited = limit([indexes, measures, alerts], { maxBytes })
      await vi.waitFor(() => expect(alerts.bytes + indexes.bytes + measures.bytes).toBeLessThan(maxBytes))
      limited.close()
      expect([alerts, indexes, measures].map(lost)).toEqual(expected)
    }
  })

  it('count age by the time that the sender ran, not by a clock that jumps', async () => {
    const outbox = await open(temporaryFolder())
    fill(outbox, 50)
    const time = { now: 0, elapsed: 0 }
    const clock = { now: () => time.now, elapsed: () => time.elapsed }
    const limited = limitOutboxes({
      outboxes: [outbox],
      limits: { maxAge: 1000 },
      clock,
      log: silentLog,
      tickMs: 1,
    })
    onTestFinished(() => limited.close())
    let ticks = 0
    vi.spyOn(clock, 'elapsed').mockImplementation(() => {
      ticks++
      return time.elapsed
    })
    const tick = async () => {
      const from = ticks
      await vi.waitFor(() => expect(ticks).toBeGreaterThan(from + 1), { interval: 1 })
    }
    time.now = Date.UTC(2030)
    await tick()
    expect(readAll(outbox).gaps).toEqual([])
    time.elapsed = 500
    await tick()
    fill(outbox, 50)
    time.elapsed = 1000
    await tick()
    expect(expectAllAccounted(outbox)).toMatchObject({ gaps: [{ range: [1, expect.any(Number)] }] })
    expect(readAll(outbox).numbers.slice(-50)).toEqual(Array.from({ length: 50 }, (_, i) => 51 + i))
  })

  it('are told with the fill, and the time left at the present rate', async () => {
    const time = { at: 0 }
    const outbox = await open(temporaryFolder())
    const limited = limit([outbox], { maxBytes: 100 * KIB }, clockAt(time))
    expect(limited.status()).toEqual({
      bytes: 0,
      maxBytes: 100 * KIB,
      share: 0,
      streams: { measures: { bytes: 0 } },
    })
    fill(outbox, 100)
    time.at = 1000
    const { bytes } = outbox
    expect(limited.status()).toMatchObject({
      share: bytes / (100 * KIB),
      streams: { measures: { bytes, timeLeftMs: Math.round((100 * KIB - bytes) / (bytes / 1000)) } },
    })
  })

  it('leave a stream the space of those below it', () => {
    const outboxes = [
      { stream: 'indexes', bytes: 100 },
      { stream: 'measures', bytes: 500 },
    ] as const
    expect(describeFill(outboxes, [0.01, 0.09], 1000)).toEqual({
      bytes: 600,
      maxBytes: 1000,
      share: 0.6,
      streams: {
        indexes: { bytes: 100, timeLeftMs: 90_000 },
        measures: { bytes: 500, timeLeftMs: 4000 },
      },
    })
    expect(describeFill(outboxes, [0, 0.1], 1000).streams.indexes).toEqual({ bytes: 100 })
  })
})
