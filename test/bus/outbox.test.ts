import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outbox, OutboxSlice } from '../../bus/contract.ts'
import { encodeRecord } from '../../bus/journal.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { Gap } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, readings, recordingLog, silentLog, temporaryFolder } from './fixtures.ts'

async function open(folder: string, segmentBytes?: number): Promise<Outbox<Reading>> {
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log: silentLog, segmentBytes })
  onTestFinished(() => outbox.close())
  return outbox
}

/** Everything that an outbox offers, by number; gaps beside it. */
function readAll(outbox: Outbox<Reading>): { values: Map<number, unknown>; gaps: Gap[] } {
  const values = new Map<number, unknown>()
  const gaps: Gap[] = []
  let slice: OutboxSlice<Reading> | undefined
  for (let from = 1; ; from = slice.first + slice.entries.length) {
    slice = outbox.read(from, 40)
    if (!slice) return { values, gaps }
    gaps.push(...(slice.gaps ?? []))
    for (const [i, entry] of slice.entries.entries()) values.set(slice.first + i, entry.value)
  }
}

const numbered = (first: number, last: number) =>
  new Map(Array.from({ length: last - first + 1 }, (_, i) => [first + i, first + i]))

const journals = (folder: string) =>
  readdirSync(join(folder, 'measures'))
    .filter(name => name.endsWith('.journal'))
    .sort()
    .map(name => join(folder, 'measures', name))

/** A folder with the files as they would lie there if the process ended now, or the machine. */
function crash(folder: string, boot?: string): string {
  const left = temporaryFolder()
  cpSync(folder, left, { recursive: true })
  const file = join(left, 'measures', 'outbox.json')
  const state = JSON.parse(readFileSync(file, 'utf8'))
  if (boot) writeFileSync(file, JSON.stringify({ ...state, boot }))
  return left
}

describe('an outbox', () => {
  it('numbers entries from 1 and gives them back in slices', async () => {
    const outbox = await open(temporaryFolder())
    expect(outbox.append(readings(1, 3))).toBe(1)
    expect(outbox.append([])).toBe(4)
    expect(outbox.append(readings(4, 100))).toBe(4)
    expect(outbox.next).toBe(104)
    expect(outbox.waiting).toBe(103)
    expect(outbox.read(2, 4)).toEqual({ first: 2, entries: readings(2, 4) })
    expect(outbox.read(104, 10)).toBeUndefined()
    await outbox.close()
  })

  it('carries alert events as well', async () => {
    const event = { type: 'fired', time: 5, actor: 'rules', alert: { id: 'a' } } as AlertEvent
    const outbox = await openOutbox<AlertEvent>({
      folder: temporaryFolder(),
      stream: 'alerts',
      log: silentLog,
    })
    outbox.append([event])
    expect(outbox.read(1, 10)?.entries).toEqual([event])
    await outbox.close()
  })

  it('keeps entries, numbers, run and acknowledgements over a restart', async () => {
    const folder = temporaryFolder()
    const before = await open(folder)
    before.append(readings(1, 10))
    before.acknowledge(4, [[7, 8]])
    await before.close()
    const after = await open(folder)
    expect(after.run).toBe(before.run)
    expect(after.next).toBe(11)
    expect(after.waiting).toBe(4)
    expect(after.read(1, 10)).toEqual({ first: 5, entries: readings(5, 2) })
    expect(after.read(7, 10)).toEqual({ first: 9, entries: readings(9, 2) })
    await after.close()
  })

  it('has no holes in its numbers when all was acknowledged and deleted', async () => {
    const folder = temporaryFolder()
    for (let first = 1; first < 2000; first += 500) {
      const outbox = await open(folder, 8192)
      for (let n = first; n < first + 500; n++) expect(outbox.append([reading(n)])).toBe(n)
      outbox.acknowledge(first + 499, [])
      expect(outbox.waiting).toBe(0)
      expect(journals(folder)).toHaveLength(1)
      await outbox.close()
    }
  })

  it('ignores the acknowledgement of a number that was never appended', async () => {
    const outbox = await open(temporaryFolder())
    outbox.append(readings(1, 3))
    outbox.acknowledge(2, [[3, 900]])
    expect(outbox.waiting).toBe(0)
    outbox.acknowledge(500, [])
    outbox.append(readings(4, 1))
    expect(outbox.waiting).toBe(1)
    await outbox.close()
  })

  it('reads a backlog of many segments whole', async () => {
    const folder = temporaryFolder()
    const writer = await open(folder, 2000)
    for (let n = 1; n <= 600; n += 3) writer.append(readings(n, 3))
    expect(journals(folder).length).toBeGreaterThan(20)
    expect(readAll(writer)).toEqual({ values: numbered(1, 600), gaps: [] })
    const reader = await open(crash(folder), 2000)
    expect(readAll(reader)).toEqual({ values: numbered(1, 600), gaps: [] })
  })

  it('is open once only', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    await expect(open(folder)).rejects.toThrow(`${join(folder, 'measures')} is in use by another process`)
    await outbox.close()
    await (await open(folder)).close()
  })

  it('is still usable after a refusal', async () => {
    const outbox = await open(temporaryFolder())
    expect(() => outbox.append([{ ...reading(1), value: 1n as never }])).toThrow('BigInt')
    expect(outbox.append(readings(1, 1))).toBe(1)
    expect(readAll(outbox).values).toEqual(numbered(1, 1))
    await outbox.close()
  })

  it('tells who listens of each append', async () => {
    const outbox = await open(temporaryFolder())
    const seen: number[] = []
    const stop = outbox.onAppend(() => seen.push(outbox.next))
    outbox.append(readings(1, 2))
    stop()
    outbox.append(readings(3, 1))
    expect(seen).toEqual([3])
    await outbox.close()
  })
})

describe('an outbox on a disk that refuses', () => {
  /** A file that cannot be written as long as this is in its place. */
  const block = (file: string) => {
    mkdirSync(file)
    return () => rmdirSync(file)
  }
  const stateFile = (folder: string) => join(folder, 'measures', 'outbox.json.new')

  it('a new segment gives no entry twice, and goes on in the old one', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder, 1)
    const release = block(segmentFile(join(folder, 'measures'), 2))
    expect(outbox.append([reading(1)])).toBe(1)
    expect(() => outbox.append([reading(2)])).toThrow('EISDIR')
    expect(() => outbox.append([reading(2)])).toThrow('EISDIR')
    expect(outbox.next).toBe(2)
    release()
    expect(outbox.append([reading(2)])).toBe(2)
    await outbox.close()
    expect(readAll(await open(folder))).toEqual({ values: numbered(1, 2), gaps: [] })
  })

  it('its state gives no number that is not reserved on disk', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    const release = block(stateFile(folder))
    expect(() => outbox.append([reading(1)])).toThrow(join(folder, 'measures', 'outbox.json'))
    expect(() => outbox.append([reading(1)])).toThrow('cannot be written')
    release()
    expect(outbox.append([reading(1)])).toBe(1)
  })

  it('its state still deletes what is acknowledged: nothing else makes room', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder, 2000)
    for (let n = 1; n <= 90; n++) outbox.append([reading(n)])
    block(stateFile(folder))
    outbox.acknowledge(90, [])
    expect(journals(folder)).toHaveLength(1)
    expect(outbox.append([reading(91)])).toBe(91)
  })

  it('its state on closing keeps every entry and lets another open it', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    const release = block(stateFile(folder))
    await outbox.close()
    release()
    expect(readAll(await open(folder)).values).toEqual(numbered(1, 3))
  })
})

describe('an outbox after a crash', () => {
  it('has everything that it had confirmed when it was killed', async () => {
    const folder = temporaryFolder()
    const appender = JSON.stringify(join(import.meta.dirname, 'appender.ts'))
    const run = `import(${appender}).then(({ appendForEver }) => appendForEver(${JSON.stringify(folder)}))`
    for (const confirmations of [1, 300, 2000]) {
      const child = spawn(process.execPath, ['-e', run], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      let confirmed = ''
      for await (const chunk of child.stdout) {
        confirmed += chunk
        if (!child.killed && confirmed.split('\n').length > confirmations) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      const last = Number(confirmed.trimEnd().split('\n').at(-1))
      const outbox = await open(folder)
      expect(outbox.next).toBeGreaterThan(last)
      expect(readAll(outbox)).toEqual({ values: numbered(1, outbox.next - 1), gaps: [] })
      await outbox.close()
    }
  })

  it('cuts a torn line at whatever byte and goes on behind what was confirmed', async () => {
    const folder = temporaryFolder()
    const first = await open(folder)
    first.append(readings(1, 3))
    first.append(readings(4, 2))
    const left = crash(folder)
    const [file] = journals(left) as [string]
    const bytes = readFileSync(file)
    const lastLine = bytes.lastIndexOf(10, bytes.length - 2) + 1
    for (let cut = lastLine; cut < bytes.length; cut++) {
      writeFileSync(file, bytes.subarray(0, cut))
      const outbox = await open(left)
      expect(outbox.append(readings(4, 2)), `cut at ${cut}`).toBe(4)
      expect(readFileSync(file).equals(bytes), `cut at ${cut}`).toBe(true)
      expect(readAll(outbox)).toEqual({ values: numbered(1, 5), gaps: [] })
      await outbox.close()
    }
  })

  it('announces a damaged record in the middle as a gap', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    for (let n = 1; n <= 9; n += 3) outbox.append(readings(n, 3))
    const left = crash(folder)
    const [file] = journals(left) as [string]
    const bytes = readFileSync(file)
    bytes[bytes.indexOf(10) + 40]! ^= 0xff
    writeFileSync(file, bytes)
    const { log, lines } = recordingLog()
    const damaged = await openOutbox<Reading>({ folder: left, stream: 'measures', log })
    const { values, gaps } = readAll(damaged)
    expect([...values.keys()]).toEqual([1, 2, 3, 7, 8, 9])
    const [from, to] = [reading(3).time, reading(7).time]
    expect(gaps).toEqual([{ range: [4, 6], from, to, counts: {}, reason: 'corrupt' }])
    expect(lines.join()).toContain('damaged lines')
    damaged.acknowledge(9, [])
    expect(damaged.waiting).toBe(0)
    await damaged.close()
  })

  it('never gives a number again that it may have given before a power cut', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    outbox.append(readings(4, 2))
    const left = crash(folder, 'the boot before')
    const [file] = journals(left) as [string]
    truncateSync(file, readFileSync(file).indexOf(10) + 1)
    const after = await open(left)
    expect(after.next).toBeGreaterThan(6)
    const first = after.append(readings(900, 1))
    const { values, gaps } = readAll(after)
    expect([...values.keys()]).toEqual([1, 2, 3, first])
    expect(gaps.map(gap => gap.range)).toEqual([[4, first - 1]])
    after.acknowledge(first, [])
    expect(after.waiting).toBe(0)
  })

  it('does the same when the last line is complete but damaged', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    const left = crash(folder)
    const [file] = journals(left) as [string]
    appendFileSync(file, '00000000 {"first":4,"entries":[{}]}\n')
    const after = await open(left)
    const first = after.append(readings(900, 1))
    expect(first).toBeGreaterThan(4)
    expect(readAll(after).gaps.map(gap => gap.range)).toEqual([[4, first - 1]])
  })

  it('announces a gap at the end although nothing was appended since', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    const after = await open(crash(folder, 'the boot before'))
    const slice = after.read(4, 10)
    expect(slice).toMatchObject({ first: after.next, entries: [], gaps: [{ range: [4, after.next - 1] }] })
  })

  it('has no gap after a power cut that came when it was closed', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    await outbox.close()
    expect((await open(crash(folder, 'the boot before'))).next).toBe(4)
  })

  it('that was abandoned is as after the end of its process: kept, and not noted as closed', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder)
    outbox.append(readings(1, 3))
    outbox.abandon()
    expect(() => outbox.append(readings(4, 1))).toThrow('is closed')
    expect((await open(crash(folder, 'the boot before'))).next).toBeGreaterThan(4)
    const again = await open(folder)
    expect(again.next).toBe(4)
    expect([...readAll(again).values.keys()]).toEqual([1, 2, 3])
  })

  it('announces a segment that is missing, but not one that it has deleted', async () => {
    const folder = temporaryFolder()
    const outbox = await open(folder, 2000)
    for (let n = 1; n <= 90; n++) outbox.append([reading(n)])
    const firsts = journals(folder).map(file => Number(file.match(/(\d+)\.journal$/)![1]))
    outbox.acknowledge(firsts[2]! + 1, [])
    expect(journals(folder)).toHaveLength(firsts.length - 2)
    const left = crash(folder)
    unlinkSync(journals(left)[1]!)
    const after = await open(left, 2000)
    expect(readAll(after).gaps.map(gap => gap.range)).toEqual([[firsts[3]!, firsts[4]! - 1]])
    unlinkSync(journals(folder)[0]!)
    await outbox.close()
    const again = await open(folder, 2000)
    expect(readAll(again).gaps.map(gap => gap.range)).toEqual([[firsts[2]! + 2, firsts[3]! - 1]])
  })
})

it('an outbox passes on a gap that its journal records', async () => {
  const folder = temporaryFolder()
  const outbox = await open(folder)
  outbox.append(readings(1, 6))
  await outbox.close()
  const [file] = journals(folder) as [string]
  const gap: Gap = { range: [1, 6], from: 10, to: 20, counts: { 'a/b/c': 6 }, reason: 'outbox-full' }
  writeFileSync(
    file,
    Buffer.concat([encodeRecord({ gap }), encodeRecord({ first: 7, entries: readings(7, 2) })]),
  )
  const after = await open(folder)
  expect(after.read(1, 10)).toEqual({ first: 7, entries: [], gaps: [gap] })
  expect(after.read(7, 10)).toEqual({ first: 7, entries: readings(7, 2) })
  await after.close()
})
