import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openOutboxRuns } from '../../bus/outbox-runs.ts'
import { openGatewayClock } from '../../gateway/gateway-clock.ts'
import { createJournal } from '../../gateway/journal.ts'
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
