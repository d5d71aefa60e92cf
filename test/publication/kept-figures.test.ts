import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { keepFigures } from '../../publication/kept-figures.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-kept-figures-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('asks the store for the days of a meter once, and tells the same again', async () => {
  const store = memoryFigures()
  const figures = Array.from(
    { length: 3 },
    (_, day): ConsumptionFigure => ({
      ...{ start: day, end: day + 1, amount: -day, coveredMs: 0, readings: day },
      ...(day === 1 && { stated: [{ origin: 'invoice', known: null, amount: 5, ms: 7 }] }),
    }),
  )
  for (const meter of ['a', 'b']) await store.replace(meter, 'day', 0, 10, figures)
  const asked: string[] = []
  const kept = keepFigures(
    {
      packed(meter, period, from, to) {
        asked.push(`${meter} ${from} ${to}`)
        return store.packed(meter, period, from, to)
      },
    },
    folder,
  )
  for (let time = 0; time < 2; time++) {
    expect(await kept.consumption('a', 'day', 0, 10)).toEqual(figures)
    expect(await kept.consumption('b', 'day', 0, 2)).toEqual(figures.slice(0, 2))
    expect(await kept.consumption('c', 'day', 0, 10)).toEqual([])
  }
  expect(asked).toEqual(['a 0 10', 'b 0 2', 'c 0 10'])
  kept.close()
})
