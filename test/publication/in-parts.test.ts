import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { localDate, periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { codeVersion, openComputedParts } from '../../publication/computed-parts.ts'
import type { RowContext, Sources } from '../../publication/dataset.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import { type Stage, stageParts, stageRows } from '../../publication/stage.ts'
import type { Registry } from '../../registry/registry.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const parent = mkdtempSync(join(tmpdir(), 'affluent-parts-'))
afterAll(() => rmSync(parent, { recursive: true }))

const ZONE = 'Europe/Paris'
const DAY = 86_400_000
const at = (date: string) => startOfLocalDate(date, ZONE)
const [FIRST, LAST] = [at('2025-11-20'), at('2026-02-12')]
const METERS = ['light', 'boiler', 'annexe', 'loge'] as const

/** What may be otherwise in the registry from one publication to the next. */
const CHANGES = {
  share: (of: Parts) => of.meters.set('boiler', shared(0.5)),
  'other share': (of: Parts) => of.meters.set('boiler', shared(0.25)),
  'from a date on': (of: Parts) =>
    of.meters.set(
      'light',
      meter('light', 'college', { allocations: [{ site: 'college', share: 1, from: '2026-01-15' }] }),
    ),
  name: (of: Parts) =>
    of.sites.set('college', building('college', { name: 'Collège', openDataHourly: { delayDays: 2 } })),
  'later hours': (of: Parts) =>
    of.sites.set('college', building('college', { openDataHourly: { delayDays: 9 } })),
  'new building': (of: Parts) => of.sites.set('annexe', building('annexe')),
  'hidden building': (of: Parts) => of.sites.set('annexe', building('annexe', { openData: false })),
  dwellings: (of: Parts) =>
    of.meters.set('loge', meter('loge', 'college', { within: [{ meter: 'light' }], dwellings: 2 })),
  'dwellings since': (of: Parts) =>
    of.meters.set(
      'loge',
      meter('loge', 'college', { within: [{ meter: 'light', from: '2026-01-05' }], dwellings: 2 }),
    ),
  'another threshold': (of: Parts) =>
    of.sites.set('college', building('college', { climate: { threshold: 17 } } as never)),
}

interface Parts {
  sites: Map<string, ReturnType<typeof building>>
  meters: Map<string, ReturnType<typeof meter>>
}

function shared(share: number) {
  const allocations = [
    { site: 'college', share },
    { site: 'annexe', share: 1 - share },
  ]
  return meter('boiler', 'college', { heating: true, allocations })
}

function noParts(): Parts {
  return {
    sites: new Map([['college', building('college', { openDataHourly: { delayDays: 2 } })]]),
    meters: new Map([
      ['light', meter('light', 'college')],
      ['boiler', meter('boiler', 'college', { heating: true })],
      ['annexe', meter('annexe', 'annexe')],
    ]),
  }
}

function registryOf({ sites, meters }: Parts): Registry {
  const all = sites.has('annexe')
    ? sites
    : new Map([...sites, ['annexe', building('annexe', { openData: false })]])
  return registry([...all.values()], [...meters.values()], ZONE)
}

/** Publishes nothing: makes the rows of all periods in both ways, those in parts with what it remembers. */
function openWays() {
  const folder = mkdtempSync(join(parent, 'w-'))
  const computed = openComputedParts(folder, 'test')
  const figures = memoryFigures()
  const climate = { days: new Map<string, { min: number; max: number }>() }
  for (let time = FIRST; time < LAST; time += DAY)
    climate.days.set(localDate(time, ZONE), { min: 4, max: 12 })
  let read = 0
  const counting = {
    consumption: (...args: Parameters<typeof figures.consumption>) => {
      read++
      return figures.consumption(...args)
    },
  }
  return {
    figures,
    climate,
    /** How often figures were asked for in parts, of each dataset. */
    async compare(of: Registry, now: number): Promise<number[]> {
      const asked: number[] = []
      for (const dataset of FLUIDS) {
        const sources: Sources = sourcesOf(figures, {
          digests: figures,
          excluded: figures,
          climate: { officialStation: async () => ({ post: '18033001', name: 'BOURGES', ...climate }) },
        })
        const context: RowContext = { registry: of, now, sources }
        const tmp = mkdtempSync(join(folder, 't-'))
        const remarks: Record<string, unknown> = {}
        const whole = await stageRows(dataset, dataset.rows(context, remarks), tmp)
        read = 0
        const inParts = await dataset.inParts!({ ...context, sources: { ...sources, figures: counting } })
        const staged = await stageParts(dataset, inParts, computed, tmp)
        asked.push(read)
        expect(described(staged), dataset.id).toEqual(described(whole))
        // To the byte: the order of keys is that of the file.
        expect(JSON.stringify(await inParts.remarks()), dataset.id).toBe(JSON.stringify(remarks))
        for (const part of staged.parts) await Array.fromAsync(part.rows())
        rmSync(tmp, { recursive: true })
      }
      return asked
    },
  }
}

function described({ parts, subjects }: Stage) {
  return { parts: parts.map(({ name, hash }) => [name, hash]), subjects }
}

/** Figures of hours or days from a date on, each with what is stated or covered of it. */
function figuresFrom(
  grain: 'hour' | 'day',
  start: number,
  kinds: readonly ('whole' | 'half' | 'stated' | 'none')[],
) {
  const end = Math.min(start + kinds.length * DAY, LAST)
  return periodsBetween(grain, start, end, ZONE).flatMap((period, n): ConsumptionFigure[] => {
    const kind = kinds[grain === 'day' ? n : Math.floor(n / 24)] ?? 'whole'
    const length = period.end - period.start
    const figure = { ...period, amount: 10 + n, coveredMs: length, readings: 24 }
    if (kind === 'none') return []
    if (kind === 'half') return [{ ...figure, coveredMs: length / 2 }]
    if (kind === 'whole') return [figure]
    return [{ ...figure, coveredMs: 0, stated: [{ origin: 'invoice', known: null, amount: 5, ms: length }] }]
  })
}

describe('rows that are made part by part', () => {
  it('are those that are made at once, whatever has changed since the parts were', async () => {
    const kind = fc.constantFrom('whole' as const, 'half' as const, 'stated' as const, 'none' as const)
    const replaced = fc.record({
      meter: fc.constantFrom(...METERS),
      start: fc.integer({ min: 0, max: 83 }).map(day => periodsBetween('day', FIRST, LAST, ZONE)[day]!.start),
      kinds: fc.array(kind, { minLength: 1, maxLength: 84 }),
    })
    const step = fc.oneof(
      replaced,
      fc.record({ change: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])) }),
      fc.record({ missing: fc.integer({ min: 0, max: 83 }) }),
      fc.record({ days: fc.integer({ min: 1, max: 25 }) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(replaced, { maxLength: 3 }),
        fc.array(step, { maxLength: 5 }),
        async (first, steps) => {
          const { figures, climate, compare } = openWays()
          const parts = noParts()
          let now = at('2025-12-24') + 5 * 3_600_000
          const replace = async ({ meter, start, kinds }: (typeof first)[number]) => {
            const end = start + kinds.length * DAY
            for (const grain of ['day', 'hour'] as const)
              await figures.replace(
                meter,
                grain,
                start,
                end,
                figuresFrom(grain, start, kinds).filter(each => each.start < end),
              )
          }
          for (const each of first) await replace(each)
          for (const each of [{ days: 0 }, ...steps]) {
            if ('meter' in each) await replace(each)
            else if ('change' in each) CHANGES[each.change](parts)
            else if ('missing' in each) climate.days.delete(localDate(FIRST + each.missing * DAY, ZONE))
            else now += each.days * DAY
            await compare(registryOf(parts), now)
          }
        },
      ),
      { numRuns: 6 },
    )
  })

  it('are computed only where they are made of something else', async () => {
    const { figures, compare } = openWays()
    const of = registryOf(noParts())
    const all = figuresFrom(
      'day',
      FIRST,
      Array.from({ length: 84 }, () => 'whole' as const),
    )
    for (const each of ['light', 'boiler']) await figures.replace(each, 'day', FIRST, LAST, all)
    const [months, days, , years] = (await compare(of, at('2026-02-10'))) as [number, number, number, number]
    expect([months, days, years].every(count => count > 0)).toBe(true)
    expect(await compare(of, at('2026-02-10') + 1000)).toEqual([0, 0, 0, 0])
    // One day more is one month.
    const [none, one] = await compare(of, at('2026-02-11'))
    expect(none).toBe(0)
    expect(one).toBe(days / 4)
    // So is one that is revised.
    await figures.replace('light', 'day', at('2025-12-03'), at('2025-12-04'), [{ ...all[13]!, amount: 5 }])
    expect((await compare(of, at('2026-02-11')))[1]).toBe(days / 4)
  })

  it('begin where anything is known of a series, also where that is told later and in an earlier part', async () => {
    const { figures, compare } = openWays()
    const of = registryOf(noParts())
    const [first, tenth] = [at('2025-11-25'), at('2025-12-10')]
    await figures.replace('light', 'day', tenth, LAST, figuresFrom('day', tenth, Array(20).fill('whole')))
    await compare(of, at('2026-01-10'))
    await figures.replace('light', 'day', first, first + DAY, figuresFrom('day', first, ['whole']))
    await compare(of, at('2026-01-10'))
  })

  it('are corrected with the climate as it is known now', async () => {
    const { figures, climate, compare } = openWays()
    const parts = noParts()
    const reference = { source: 'Mean', heating: Array(12).fill(300) as number[] }
    parts.sites.set('college', building('college', { climate: { threshold: 18, reference } } as never))
    await figures.replace('boiler', 'day', FIRST, LAST, figuresFrom('day', FIRST, Array(84).fill('whole')))
    const of = registryOf(parts)
    await compare(of, at('2026-02-10'))
    climate.days.delete('2025-12-05')
    const [months] = await compare(of, at('2026-02-10'))
    expect(months).toBeGreaterThan(0)
  })

  it('are computed once more where figures changed while they were', async () => {
    const { figures, compare } = openWays()
    const of = registryOf(noParts())
    const all = figuresFrom(
      'day',
      FIRST,
      Array.from({ length: 84 }, () => 'whole' as const),
    )
    await figures.replace('light', 'day', FIRST, LAST, all)
    const digests = figures.digests
    let asked = 0
    figures.digests = async (...args) => {
      // Between the first and the second look.
      if (++asked === 2)
        await figures.replace('light', 'day', all[3]!.start, all[3]!.end, [{ ...all[3]!, amount: 7 }])
      const found = await digests(...args)
      return found
    }
    await compare(of, at('2026-01-10'))
    expect((await compare(of, at('2026-01-10')))[0]).toBeGreaterThan(0)
  })
})

it('what another code has computed, or what is damaged, is computed anew', () => {
  const folder = mkdtempSync(join(parent, 'c-'))
  const part = { name: '2026', basis: 'b', hash: 'h', subjects: [], notes: {} }
  openComputedParts(folder, 'one').keep('fluides', part)
  expect(openComputedParts(folder, 'one').find('fluides', '2026', 'b')).toMatchObject(part)
  expect(openComputedParts(folder, 'one').find('fluides', '2026', 'c')).toBeUndefined()
  expect(openComputedParts(folder, 'other').find('fluides', '2026', 'b')).toBeUndefined()
  openComputedParts(folder, 'one').retain('fluides', new Set(['2025']))
  expect(openComputedParts(folder, 'one').find('fluides', '2026', 'b')).toBeUndefined()
  expect(codeVersion()).toBe(codeVersion())
})
