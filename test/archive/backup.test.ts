import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeBackup } from '../../archive/backup.ts'
import { refuseUnfinished } from '../../archive/data-files.ts'
import { MANIFEST_FILE, readManifest } from '../../archive/manifest.ts'
import { restoreBackup } from '../../archive/restore.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { openOutboxRuns } from '../../bus/outbox-runs.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { silentLog as log, readings as numbered, temporaryFolder } from '../bus/fixtures.ts'

const MADE = '2026-11-26T03:00:00.000Z'
const clock: Clock = { now: () => Date.parse(MADE), elapsed: () => 0 }
const sender = { sender: 'gw', stream: 'measures' } as const
/** The first numbers of the outbox, which the store does not have yet. */
const WAITING = 10
const FIGURE = { start: 0, end: 3_600_000, amount: 12, coveredMs: 3_600_000, readings: 2 }

const openStore = (data: string) =>
  openEmbeddedReadingStore({ file: join(data, 'readings.duckdb'), timeZone: 'Europe/Paris', log })

/** A data folder in use: what is appended to the outbox is stored, then acknowledged. */
async function runHub() {
  const data = join(temporaryFolder(), 'data')
  mkdirSync(join(data, 'quarantine'), { recursive: true })
  writeFileSync(join(data, 'quarantine', '2026-11-26.jsonl'), '{"kind":"malformed"}\n')
  mkdirSync(join(data, 'gateways/gw/drivers/opcua/own/private'), { recursive: true })
  writeFileSync(join(data, 'gateways/gw/drivers/opcua/own/private/private_key.pem'), 'secret')
  const readings = await openStore(data)
  const figures = await openFigureStore({ file: join(data, 'figures.duckdb'), log })
  await figures.replace('m', 'hour', 0, 3_600_000, [FIGURE])
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  records.audit({ time: 1, actor: 'a', action: 'b', target: 'c' })
  const outboxFolder = join(data, 'gateways/gw')
  const outbox = await openOutbox<Reading>({
    folder: outboxFolder,
    stream: 'measures',
    log,
    segmentBytes: 20_000,
  })
  onTestFinished(async () => {
    await outbox.close()
    await readings.close()
    await figures.close()
    records.close()
  })

  outbox.append(numbered(1, WAITING))
  async function carry(count: number) {
    const entries = numbered(outbox.next, count)
    outbox.append(entries)
    const ranges: [number, number][] = [[WAITING + 1, outbox.next - 1]]
    const entry = { ...sender, hour: 0, outcome: 'prompt', count } as const
    await readings.write(toColumns(entries), [{ ...sender, run: outbox.run, upTo: 0, ranges }], [entry])
    outbox.acknowledge(0, ranges)
  }

  const backUp = (out: string, onProgress = (_: number) => {}, signal = new AbortController().signal) =>
    makeBackup({ data, out, readings, figures, registry: 'abc', clock, onProgress, signal })
  return { data, outbox, readings, carry, backUp }
}

const restore = (backup: string, data: string, replace = false) =>
  restoreBackup({ backup, data, replace, clock, onProgress: () => {}, signal: new AbortController().signal })

/** Every reading of the points that `numbered` makes, by number. */
async function storedIn(data: string) {
  const store = await openStore(data)
  const points = Array.from({ length: 7 }, (_, i) => `college/meter-${i}/index`)
  const found = (await Promise.all(points.map(point => store.range(point, 0, 8.64e15)))).flat()
  const [position] = await store.positions()
  const ledger = await store.ledger(0, 1)
  await store.close()
  return { stored: found.sort((a, b) => a.time - b.time), position, ledger }
}

it('is made while readings come, and has everything that was journalled when it began', async () => {
  const hub = await runHub()
  await hub.carry(10_000)
  const out = join(temporaryFolder(), 'backup')
  let going = true
  const shares: number[] = []
  const load = (async () => {
    while (going) await hub.carry(500)
  })()
  const before = hub.outbox.next - 1
  const manifest = await hub.backUp(out, share => shares.push(share))
  going = false
  await load
  expect(hub.outbox.next).toBeGreaterThan(before)
  expect(shares.at(-1)).toBe(1)
  expect(readManifest(out)).toEqual(manifest)
  expect(manifest).toMatchObject({ made: MADE, registry: 'abc', store: 'embedded' })
  expect(JSON.stringify(manifest)).not.toContain('private')

  const data = join(temporaryFolder(), 'data')
  expect(await restore(out, data)).toMatchObject({ manifest })
  const { stored, position, ledger } = await storedIn(data)
  expect(JSON.stringify(stored)).toBe(JSON.stringify(numbered(WAITING + 1, stored.length)))
  expect(position!.ranges).toEqual([[WAITING + 1, WAITING + stored.length]])
  expect(ledger.reduce((sum, { count }) => sum + count, 0)).toBe(stored.length)
  const runs = await openOutboxRuns<Reading>({ folder: join(data, 'gateways/gw'), stream: 'measures', log })
  const [earlier] = runs.earlier
  expect([earlier?.run, runs.current.next]).toEqual([hub.outbox.run, 1])
  expect(runs.current.run).not.toBe(hub.outbox.run)
  const kept = new Set(stored.map(({ time }) => time))
  for (let slice = earlier?.read(1, 1000); slice; ) {
    for (const { time } of slice.entries) kept.add(time)
    slice = earlier?.read(slice.first + slice.entries.length, 1000)
  }
  expect(numbered(1, before).filter(({ time }) => !kept.has(time))).toEqual([])
  await runs.close()

  const figures = await openFigureStore({ file: join(data, 'figures.duckdb'), log })
  expect(await figures.consumption('m', 'hour', 0, 1)).toEqual([FIGURE])
  await figures.close()
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  expect(records.auditEntries(1)).toHaveLength(1)
  records.close()
  expect(readFileSync(join(data, 'quarantine/2026-11-26.jsonl'), 'utf8')).toContain('malformed')
  expect(existsSync(join(data, 'gateways/gw/drivers/opcua/own'))).toBe(false)
})

it('that was interrupted is no backup, and the store goes on', async () => {
  const hub = await runHub()
  await hub.carry(20_000)
  const out = join(temporaryFolder(), 'backup')
  const stop = new AbortController()
  const failed = hub.backUp(out, share => share > 0 && stop.abort(new Error('enough')), stop.signal)
  await expect(failed).rejects.toThrow('enough')
  await hub.carry(10)
  await expect(restore(out, join(temporaryFolder(), 'data'))).rejects.toThrow(`no ${MANIFEST_FILE}`)
  await expect(hub.backUp(out)).rejects.toThrow('is not empty')
})

it('that lies in the data folder is refused', async () => {
  const { data, backUp } = await runHub()
  await expect(backUp(join(data, 'backup'))).rejects.toThrow('lies in the data folder')
})

it('is refused when a byte of it is another, or one is missing, and changes nothing then', async () => {
  const hub = await runHub()
  await hub.carry(1000)
  const out = join(temporaryFolder(), 'backup')
  await hub.backUp(out)
  const data = join(temporaryFolder(), 'data')
  const damaged = join(out, 'readings.duckdb')
  const bytes = readFileSync(damaged)
  bytes[20_000]! ^= 1
  writeFileSync(damaged, bytes)
  await expect(restore(out, data)).rejects.toThrow(`${damaged} is damaged`)
  bytes[20_000]! ^= 1
  writeFileSync(damaged, bytes)
  truncateSync(join(out, 'quarantine/2026-11-26.jsonl'), 3)
  await expect(restore(out, data)).rejects.toThrow('has 3 bytes, not 21')
  expect(existsSync(data)).toBe(false)
})

it('goes over a data folder only when told to, and puts aside what was there', async () => {
  const hub = await runHub()
  await hub.carry(100)
  const out = join(temporaryFolder(), 'backup')
  await hub.backUp(out)
  const data = join(temporaryFolder(), 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'history.json'), '{}')
  await expect(restore(out, data)).rejects.toThrow('is not empty')
  await expect(restore(out, hub.data, true)).rejects.toThrow('is in use by another process')
  const { replaced } = await restore(out, data, true)
  expect(readdirSync(replaced!)).toEqual(['history.json'])
  expect((await storedIn(data)).stored).toHaveLength(100)
})

it('that was restored in part lets nothing start until a restore has gone through', async () => {
  const hub = await runHub()
  await hub.carry(20_000)
  const out = join(temporaryFolder(), 'backup')
  await hub.backUp(out)
  const data = join(temporaryFolder(), 'data')
  const stop = new AbortController()
  const interrupted = restoreBackup({
    backup: out,
    data,
    replace: false,
    clock,
    signal: stop.signal,
    onProgress: (step, done) => step === 'Restoring' && done > 0.5 && stop.abort(new Error('killed')),
  })
  await expect(interrupted).rejects.toThrow('killed')
  expect(() => refuseUnfinished(data)).toThrow('run affluent restore again')
  await restore(out, data)
  refuseUnfinished(data)
  expect((await storedIn(data)).stored).toHaveLength(20_000)
})
