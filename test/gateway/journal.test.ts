import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outbox } from '../../bus/contract.ts'
import { openOutboxRuns } from '../../bus/outbox-runs.ts'
import type { Sample } from '../../gateway/driver.ts'
import { openGatewayClock } from '../../gateway/gateway-clock.ts'
import { createJournal } from '../../gateway/journal.ts'
import { openUndated } from '../../gateway/undated.ts'
import type { Reading } from '../../model/reading.ts'
import { closeLater } from '../close-later.ts'
import { clock, handClock, log } from './collector.ts'
import { modbusPoint } from './points.ts'

it('keeps a state that has a heartbeat when it changes, and what comes late in any case', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-journal-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const open = async (stream: 'indexes' | 'measures') =>
    closeLater(await openOutboxRuns<Reading>({ folder, stream, log })).current
  const measures = await open('measures')
  const time = handClock()
  const fault = modbusPoint('fault', { type: 'bool' }, { quantity: 'fault', heartbeat: 60_000 })
  const power = modbusPoint('power')
  const journal = createJournal({
    ...{ indexes: await open('indexes'), measures, points: new Map() },
    clock: openGatewayClock({ file: join(folder, 'clock.json'), clock: time, isTrusted: true, log }),
    clockOffset: () => 0,
  })
  const say = (value: boolean, late?: boolean) =>
    journal.keep([
      { point: fault, value, quality: 'good', ...(late && { late, time: clock.now() - 1000 }) },
      { point: power, value: 1, quality: 'good' },
    ])
  say(false)
  say(false)
  say(true)
  say(true, true)
  time.advance(60_000)
  say(true)
  const kept = measures.read(1, 100)!.entries
  expect(kept.filter(({ point }) => point === power.id)).toHaveLength(5)
  expect(kept.filter(({ point }) => point === fault.id).map(({ value }) => value)).toEqual([
    false,
    true,
    true,
    true,
  ])
})

describe('a disk that refuses', () => {
  const fault = modbusPoint('fault', { type: 'bool' }, { quantity: 'fault', heartbeat: 3_600_000 })
  const index = modbusPoint('index', {}, { quantity: 'electricity-index' })

  /** A journal of which one stream is refused as long as `disk.isFull`. */
  async function onSuchADisk({ isTrusted = true, refuses = 'measures' } = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'affluent-journal-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const open = async (stream: 'indexes' | 'measures') =>
      closeLater(await openOutboxRuns<Reading>({ folder, stream, log })).current
    const disk = { isFull: false }
    const streamOf = async (stream: 'indexes' | 'measures') => {
      const outbox = await open(stream)
      const append = (readings: Reading[]) => {
        if (disk.isFull && stream === refuses) throw new Error('ENOSPC')
        return outbox.append(readings)
      }
      return Object.create(outbox, { append: { value: append } }) as Outbox<Reading>
    }
    const [indexes, measures] = [await streamOf('indexes'), await streamOf('measures')]
    const time = handClock()
    const gatewayClock = openGatewayClock({ file: join(folder, 'clock.json'), clock: time, isTrusted, log })
    const undated = await openUndated({ outboxFolder: folder, clock: gatewayClock, maxBytes: 1e6, log })
    if (undated) closeLater(undated)
    const points = new Map([fault, index].map(point => [point.id, point]))
    const journal = createJournal({
      ...{ indexes, measures, points, undated },
      clock: gatewayClock,
      clockOffset: () => 0,
    })
    const kept = (outbox: Outbox<Reading>) => outbox.read(1, 100)?.entries ?? []
    return {
      journal,
      disk,
      time,
      gatewayClock,
      kept: () => ({ indexes: kept(indexes), measures: kept(measures) }),
    }
  }
  const say = (value: boolean): Sample[] => [
    { point: fault, value, quality: 'good' },
    { point: index, value: Number(value), quality: 'good' },
  ]

  it('costs what it refuses and no more: the other journal goes on, and a state is told when it can be', async () => {
    const { journal, disk, kept } = await onSuchADisk()
    journal.keep(say(false))
    disk.isFull = true
    expect(() => journal.keep(say(true))).toThrow('ENOSPC')
    disk.isFull = false
    journal.keep(say(true))
    journal.keep(say(true))
    const { indexes, measures } = kept()
    expect(indexes.map(({ value }) => value)).toEqual([0, 1, 1, 1])
    expect(measures.map(({ value }) => value)).toEqual([false, true])
  })

  it('costs what it refuses and no more, whichever journal it is', async () => {
    const { journal, disk, kept } = await onSuchADisk({ refuses: 'indexes' })
    disk.isFull = true
    expect(() => journal.keep(say(true))).toThrow('ENOSPC')
    expect(kept().measures.map(({ value }) => value)).toEqual([true])
  })

  it('has what waited for the time wait on, and be dated as it would have been', async () => {
    const { journal, disk, time, gatewayClock, kept } = await onSuchADisk({ isTrusted: false })
    journal.keep(say(false))
    time.advance(5000)
    gatewayClock.hear(clock.now())
    disk.isFull = true
    await expect(journal.dateUndated()).rejects.toThrow('ENOSPC')
    disk.isFull = false
    await journal.dateUndated()
    const { indexes, measures } = kept()
    expect(measures).toHaveLength(1)
    // The same reading twice is one reading for every store.
    expect(new Set(indexes.map(({ time, quality }) => `${time} ${quality}`)).size).toBe(1)
  })
})
