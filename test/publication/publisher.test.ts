import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { DATASETS } from '../../publication/datasets.ts'
import { WORK_FOLDER } from '../../publication/objects.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { createPublisher } from '../../publication/publisher.ts'
import type { FigureStore } from '../../store/figures.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const parent = mkdtempSync(join(tmpdir(), 'affluent-publisher-'))
afterAll(() => rmSync(parent, { recursive: true }))

const territory = registry(
  [building('depot')],
  [meter('eau', 'depot', { fluid: 'eau', unit: 'm3' })],
  'Europe/Paris',
)
const DAY = 86_400_000
const END = Date.UTC(2026, 10, 3, 23)
const clock = { now: () => END, elapsed: () => 0 }

/** Of so many days before {@link END}. */
async function figuresOf(days: number): Promise<FigureStore> {
  const figures = memoryFigures()
  const all = Array.from({ length: days }, (_, n) => {
    const start = END - (days - n) * DAY
    return { start, end: start + DAY, amount: n, coveredMs: DAY, readings: 24 }
  })
  await figures.replace('eau', 'day', 0, END, all)
  return figures
}

function open(figures: Pick<FigureStore, 'packed' | 'digests'>) {
  const folder = mkdtempSync(join(parent, 'p-'))
  const published = openPublished(folder)
  const options = {
    folder,
    published,
    registry: territory,
    sources: { ...sourcesOf(memoryFigures()), figures },
    software: '0.0.0',
    clock,
    positions: async () => [],
  }
  return { folder, published, publisher: createPublisher(options) }
}

it('publishes in a thread of its own what the same thread would, one publication after the other', async () => {
  const figures = await figuresOf(3)
  const { published, publisher } = open(figures)
  const steps: string[] = []
  const [first, second] = await Promise.all([
    publisher.publish(dataset => steps.push(dataset)),
    publisher.publish(),
  ])
  expect(steps).toEqual(DATASETS.map(({ id }) => id))
  expect(first.find(({ dataset }) => dataset === 'fluides-jour')).toMatchObject({ version: { rows: 3 } })
  expect(second.every(({ version }) => version === undefined)).toBe(true)

  const here = open(figures)
  const context = { registry: territory, now: clock.now(), sources: sourcesOf(figures) }
  await publish({ ...here, datasets: DATASETS, context, software: '0.0.0', positions: [] })
  expect(published.latest('fluides-jour')).toEqual(here.published.latest('fluides-jour'))
  await publisher.close()
})

it('reads figures once, unless all is to be computed anew', async () => {
  const figures = await figuresOf(40)
  let read = 0
  const { publisher } = open({
    ...figures,
    packed(spans) {
      read++
      return figures.packed(spans)
    },
  })
  await publisher.publish()
  const once = read
  await publisher.publish()
  expect(read).toBe(once)
  const outcomes = await publisher.publish(undefined, undefined, true)
  expect(read).toBe(2 * once)
  expect(outcomes.every(({ version, error }) => !version && !error)).toBe(true)
  await publisher.close()
})

it('tells what a store says that fails', async () => {
  const { publisher } = open({
    ...(await figuresOf(1)),
    packed: () => Promise.reject(new Error('the figures are away')),
  })
  const outcomes = await publisher.publish()
  expect(outcomes.find(({ dataset }) => dataset === 'fluides-jour')).toMatchObject({
    error: 'the figures are away',
  })
  expect(outcomes.find(({ dataset }) => dataset === 'batiments')).toMatchObject({ version: { version: 1 } })
  await publisher.close()
})

it('is broken off when it is closed, and by whoever asked', async () => {
  const asked = Promise.withResolvers<void>()
  const silent = {
    ...(await figuresOf(1)),
    packed() {
      asked.resolve()
      return new Promise<never>(() => {})
    },
  }
  const { publisher } = open(silent)
  const stop = new AbortController()
  const stopped = expect(publisher.publish(undefined, stop.signal)).rejects.toThrow('enough')
  const waiting = expect(publisher.publish()).rejects.toThrow('the hub is being closed')
  await asked.promise
  stop.abort(new Error('enough'))
  await stopped
  await publisher.close()
  await waiting
})

it('is broken off while the database writes, which would end the process if its thread were ended', async () => {
  const { folder, publisher } = open(await figuresOf(30_000))
  for (let attempt = 0; attempt < 3; attempt++) {
    const stop = new AbortController()
    const stopped = expect(publisher.publish(undefined, stop.signal)).rejects.toThrow('enough')
    while (!existsSync(join(folder, WORK_FOLDER, 'whole.parquet'))) await setImmediate()
    stop.abort(new Error('enough'))
    await stopped
  }
  await publisher.close()
})
