import { expect, it, onTestFinished, vi } from 'vitest'
import { startDerived } from '../../derived/derived.ts'
import type { Deriver } from '../../derived/deriver.ts'
import { startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { recordingLog, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { startHub } from '../ingest/hub.ts'
import { memoryStore } from '../ingest/memory-store.ts'
import { twoBuildings } from './territory.ts'

const POINT = 'ecole/hub/missing-data'

async function start() {
  const hub = await startHub()
  const store = memoryStore()
  const ingest = await startIngest({ ...hub, store, clock: systemClock, log: silentLog, collectMs: 5 })
  onTestFinished(() => ingest.close())
  const registry = await twoBuildings()
  const outboxFolder = temporaryFolder()
  const readings = { latest: vi.fn(async () => store.readings()) }
  const { log, lines } = recordingLog()
  const live = async (...derivers: Deriver[]) => {
    const options = { registry, bus: hub.gateway, readings, derivers, outboxFolder, clock: systemClock, log }
    const running = await startDerived(options)
    onTestFinished(() => running.close())
    return running
  }
  return { store, readings, live, lines }
}

it('sends what is worked out as a gateway sends: numbered, acknowledged, stored, once', async () => {
  const { store, live } = await start()
  let asked = 0
  const derive: Deriver['derive'] = () => [
    { point: POINT, time: 1000, value: 3 },
    { point: 'mairie/hub/gw-silence', time: 2000, value: 4, quality: 'uncertain' },
    ...(++asked > 3 ? [{ point: 'mairie/hub/missing-data', time: 3000, value: 5 }] : []),
  ]
  await live({ intervalMs: 5, derive })
  await vi.waitFor(() => expect(store.readings()).toHaveLength(3))
  expect(store.readings()).toMatchObject([
    { point: POINT, time: 1000, value: 3, quality: 'good' },
    { point: 'mairie/hub/gw-silence', time: 2000, value: 4, quality: 'uncertain' },
    { point: 'mairie/hub/missing-data', time: 3000, value: 5 },
  ])
  expect(await store.positions()).toMatchObject([{ sender: 'fluids', stream: 'measures', upTo: 3 }])
})

it('knows in its next life what it told in the one before', async () => {
  const { store, live } = await start()
  const first = await live({ intervalMs: 60_000, derive: () => [{ point: POINT, time: 1000, value: 3 }] })
  await vi.waitFor(() => expect(store.readings()).toHaveLength(1))
  await first.close()
  const seen: (Reading | undefined)[] = []
  await live({
    intervalMs: 60_000,
    derive(last) {
      seen.push(last(POINT), last('mairie/hub/missing-data'))
      return []
    },
  })
  await vi.waitFor(() => expect(seen).toMatchObject([{ time: 1000, value: 3 }, undefined]))
})

it('asks one that fails again, says so once, and keeps no other from its turn', async () => {
  const { store, live, lines } = await start()
  let tries = 0
  const failing: Deriver = {
    intervalMs: 5,
    async derive() {
      tries++
      if (tries < 4) throw new Error('the figures are away')
      return [{ point: POINT, time: 1000, value: 1 }]
    },
  }
  const other = { point: 'mairie/hub/missing-data', time: 1000, value: 2 }
  await live(failing, { intervalMs: 60_000, derive: () => [other] })
  await vi.waitFor(() => expect(store.readings()).toHaveLength(2))
  expect(lines.filter(line => line.includes('the figures are away'))).toHaveLength(1)
})

it('tells nothing before it knows what was told: a store that is away is asked again', async () => {
  const { store, readings, live } = await start()
  readings.latest.mockRejectedValueOnce(new Error('away'))
  const derive = vi.fn(() => [{ point: POINT, time: 1000, value: 1 }])
  await live({ intervalMs: 5, derive })
  await vi.waitFor(() => expect(store.readings()).toHaveLength(1))
  expect(readings.latest).toHaveBeenCalledTimes(2)
})
