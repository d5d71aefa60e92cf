import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outbox } from '../../bus/contract.ts'
import { type OutboxRuns, openOutboxRuns } from '../../bus/outbox-runs.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { Reading } from '../../model/reading.ts'
import { readings, recordingLog, silentLog, temporaryFolder } from './fixtures.ts'

async function open(folder: string, log = silentLog): Promise<OutboxRuns<Reading>> {
  const runs = await openOutboxRuns<Reading>({ folder, stream: 'measures', log })
  onTestFinished(() => runs.close())
  return runs
}

function copyOf(folder: string): string {
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

const waitingIn = (outbox: Outbox<Reading>) => outbox.read(1, 100)

describe('an outbox in another place', () => {
  it('goes on as it was where it is still in its own', async () => {
    const folder = temporaryFolder()
    const before = await open(folder)
    before.current.append(readings(1, 3))
    await before.close()
    const after = await open(folder)
    expect([after.current.run, after.current.next]).toEqual([before.current.run, 4])
    expect(after.earlier).toEqual([])
  })

  it('that was copied begins a new run, and keeps the old one for what waits in it', async () => {
    const folder = temporaryFolder()
    const original = await open(folder)
    original.current.append(readings(1, 3))
    original.current.acknowledge(1, [])
    const { log, lines } = recordingLog()
    const copy = await open(copyOf(folder), log)
    expect(lines.join()).toContain('copied or moved')
    original.current.append(readings(4, 2))
    copy.current.append(readings(100, 2))
    const [old, ...none] = copy.earlier as [Outbox<Reading>]
    expect(none).toEqual([])
    expect(old.run).toBe(original.current.run)
    expect(waitingIn(old)).toEqual({ first: 1, entries: readings(1, 3) })
    expect(copy.current.run).not.toBe(old.run)
    expect(waitingIn(copy.current)).toEqual({ first: 1, entries: readings(100, 2) })
    expect(waitingIn(original.current)).toEqual({ first: 2, entries: readings(2, 4) })
    expect(() => old.append(readings(1, 1))).toThrow('is closed')
  })

  it('that was moved does the same', async () => {
    const folder = temporaryFolder()
    const before = await open(folder)
    before.current.append(readings(1, 3))
    await before.close()
    const moved = join(temporaryFolder(), 'moved')
    renameSync(folder, moved)
    const after = await open(moved)
    expect(after.earlier.map(({ run, waiting }) => [run, waiting])).toEqual([[before.current.run, 3]])
    expect(after.current.next).toBe(1)
  })

  it('that was copied to another machine does the same, though path and files are alike', async () => {
    const folder = temporaryFolder()
    const before = await open(folder)
    before.current.append(readings(1, 3))
    await before.close()
    const file = join(folder, 'measures', 'outbox.json')
    const state = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...state, place: state.place.replace(/^\S*/, 'other-machine') }))
    expect((await open(folder)).earlier).toHaveLength(1)
  })

  it('keeps an earlier run over restarts until all of it is acknowledged, and then deletes it', async () => {
    const folder = temporaryFolder()
    const original = await open(folder)
    original.current.append(readings(1, 3))
    const copied = copyOf(folder)
    const first = await open(copied)
    await first.close()
    const second = await open(copied)
    expect(second.current.run).toBe(first.current.run)
    const [old] = second.earlier as [Outbox<Reading>]
    expect(waitingIn(old)?.entries).toEqual(readings(1, 3))
    old.acknowledge(3, [])
    await second.close()
    const third = await open(copied)
    expect(third.earlier).toEqual([])
    expect(existsSync(join(copied, 'earlier', old.run, 'measures'))).toBe(false)
  })

  it('announces nothing as lost under a run that its original goes on with', async () => {
    const folder = temporaryFolder()
    const original = await open(folder)
    for (let n = 1; n <= 9; n += 3) original.current.append(readings(n, 3))
    const copied = copyOf(folder)
    const file = segmentFile(join(copied, 'measures'), 1)
    const bytes = readFileSync(file)
    bytes[bytes.indexOf(10) + 40]! ^= 0xff
    writeFileSync(file, bytes)
    const state = join(copied, 'measures', 'outbox.json')
    writeFileSync(state, JSON.stringify({ ...JSON.parse(readFileSync(state, 'utf8')), boot: 'before' }))
    const [old] = (await open(copied)).earlier as [Outbox<Reading>]
    expect(waitingIn(old)).toEqual({ first: 1, entries: readings(1, 3) })
    expect(old.read(4, 10)).toEqual({ first: 7, entries: readings(7, 3) })
    expect(old.read(10, 10)).toBeUndefined()
    old.acknowledge(3, [[7, 9]])
    expect(old.waiting).toBe(0)
  })
})
