import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnswerer } from '../../../api/sensor-things/answer.ts'
import { type Budget, createBudget } from '../../../api/sensor-things/budget.ts'
import { buildCatalogue, describeThing } from '../../../api/sensor-things/catalogue.ts'
import { countReadings } from '../../../api/sensor-things/count-readings.ts'
import { readObservations } from '../../../api/sensor-things/observations.ts'
import { parseQuery } from '../../../api/sensor-things/odata/query.ts'
import { TimeValue } from '../../../api/sensor-things/odata/time-value.ts'
import { observationOf, type Stream } from '../../../api/sensor-things/streams.ts'
import { periodsBetween } from '../../../model/calendar.ts'
import type { ReadingStore } from '../../../store/readings.ts'
import { reading } from '../hub.ts'

const MINUTE = 60_000
const around = { find: () => undefined, moreOf: () => undefined, now: 0, steps: 0 }

/** A stream of instants, each with its position as result; every read is counted. */
function streamAt(id: string, times: readonly number[], lookCost = 1): Stream & { looks: number } {
  const stream = {
    ...{ id, feature: 'f', isInstant: true, interval: MINUTE, lookCost, looks: 0 },
    async extent() {
      const [start, end] = [times[0], times.at(-1)]
      if (start === undefined || end === undefined) return undefined
      const phenomenon = { start, end }
      return { phenomenon, result: phenomenon, last: end, isCutBefore: false, isCutBehind: false }
    },
    async read(from: number, to: number, most: number) {
      stream.looks++
      const found = times.filter(time => time >= from && time < to).slice(0, most)
      const observations = found.map(time => {
        const at = new TimeValue(time)
        return observationOf({ id, feature: 'f' }, at, {
          result: times.indexOf(time),
          resultTime: at,
          resultQuality: {},
        })
      })
      return { observations, rows: found.length }
    },
    count: async () => times.length,
    countCost: () => 1,
  }
  return stream
}

async function readAll(streams: readonly Stream[], options: object, size: number, budget: () => Budget) {
  const ids: string[] = []
  let after: string | undefined
  for (let pages = 0; pages < 1000; pages++) {
    const page = await readObservations(streams, parseQuery(options, 'Observations'), {
      ...{ size, budget: budget(), around },
      ...(after !== undefined && { after }),
    })
    ids.push(...page.observations.map(({ id }) => id))
    if (!page.next || !('after' in page.next)) return ids
    after = page.next.after
  }
  throw new Error('the pages do not end')
}

const times = fc
  .uniqueArray(fc.oneof(...[3, 200, 3e10].map(max => fc.integer({ min: 0, max }))), {
    maxLength: 40,
  })
  .map(all => all.sort((a, b) => a - b))

it('pages of any size hold every observation once, in the order that is asked for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(times, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 15 }),
      fc.constantFrom({}, { $orderby: 'phenomenonTime' }, { $orderby: 'resultTime desc' }),
      async (all, size, options) => {
        // As strings, an id and a longer one are in another order than those of their observations.
        const names = ['s', 's-a', 's-a.b', 's1']
        const streams = all.map((own, n) => streamAt(names[n]!, own))
        const expected = all.flatMap((own, n) => own.map(time => ({ time, n, id: `${names[n]}.${time}` })))
        const sign = options.$orderby === undefined ? 0 : options.$orderby.endsWith('desc') ? -1 : 1
        expected.sort((a, b) => sign * (a.time - b.time) || (sign === 0 ? 0 : a.n - b.n))
        const found = await readAll(streams, options, size, () => createBudget(50_000))
        expect(found).toEqual(expected.map(({ id }) => id))
      },
    ),
    { numRuns: 50 },
  )
})

describe('what one request may read', () => {
  const minutes = Array.from({ length: 30_000 }, (_, n) => n * MINUTE)

  it('ends a page before it is full, from where the next one goes on', async () => {
    const stream = streamAt('s', minutes)
    const filter = { $filter: 'result mod 5000 eq 0' }
    const found = await readAll([stream], filter, 100, () => createBudget(8000))
    expect(found).toEqual([0, 5000, 10_000, 15_000, 20_000, 25_000].map(n => `s.${n * MINUTE}`))
  })

  it('is named where nothing is found with it', async () => {
    const read = (options: object, streams = [streamAt('s', minutes)]) =>
      readObservations(streams, parseQuery(options, 'Observations'), {
        size: 10,
        budget: createBudget(5000),
        around,
      })
    const refused = (parameter: string) => expect.objectContaining({ parameter, status: 422 })
    await expect(read({ $filter: 'result eq -1' })).rejects.toEqual(refused('$filter'))
    await expect(read({ $skip: '100000' })).rejects.toEqual(refused('$skip'))
    await expect(read({ $skip: '1', $filter: 'result eq -1' })).rejects.toEqual(refused('$filter'))
    await expect(read({ $orderby: 'result' })).rejects.toEqual(refused('$orderby'))
    await expect(read({ $count: 'true', $filter: 'result gt 1' })).rejects.toEqual(refused('$count'))
    const dear = Array.from({ length: 100 }, (_, n) => streamAt(`s${n}`, [1], 150))
    await expect(read({ $orderby: 'phenomenonTime' }, dear)).rejects.toEqual(refused('$filter'))
    expect(dear.every(({ looks }) => looks === 0)).toBe(true)
  })

  it('is no more than some thousands of entities with all that is expanded', async () => {
    const streams = Array.from({ length: 80 }, (_, n) => streamAt(`s${n}`, []))
    const thing = { id: 't', name: 'T', description: 'T', properties: {}, position: { lon: 6, lat: 44 } }
    const named = { id: 'n', name: 'N', description: 'N' }
    const described = streams.map(stream => ({
      ...{ stream, name: 'D', description: 'D', observationType: 'OM_Measurement' as const },
      ...{ unitOfMeasurement: {}, properties: {}, sensor: { ...named, metadata: '' } },
      observedProperty: { ...named, definition: '', properties: {} },
    }))
    const catalogue = buildCatalogue([describeThing(thing, described)])
    const { tell: tellAll } = createAnswerer(catalogue, 'https://hub.example', 0)
    const tell = ($expand: string) =>
      tellAll([...catalogue.sets.Things.values()], parseQuery({ $expand }, 'Things'))
    expect(await tell('Datastreams')).toMatchObject([{ Datastreams: { length: 80 } }])
    await expect(tell('Datastreams/Thing/Datastreams')).rejects.toEqual(
      expect.objectContaining({ parameter: '$expand', status: 422 }),
    )
  })

  it('is looked at by few at a time', async () => {
    const { look } = createBudget(1)
    const [gates, order] = [Array.from({ length: 18 }, () => Promise.withResolvers<void>()), [] as number[]]
    const looks = gates.map(({ promise }, n) =>
      look(async () => {
        order.push(n)
        await promise
        if (n === 3) throw new Error('broken')
      }).catch(() => {}),
    )
    await Promise.resolve()
    expect(order).toHaveLength(16)
    gates[3]!.resolve()
    await looks[3]
    await Promise.resolve()
    expect(order.at(-1)).toBe(16)
    for (const { resolve } of gates) resolve()
    await Promise.all(looks)
    expect(order).toEqual(gates.map((_, n) => n))
  })

  it('is little where the newest is wanted', async () => {
    const stream = streamAt('s', minutes)
    const budget = createBudget(50_000)
    const query = parseQuery({ $orderby: 'phenomenonTime desc' }, 'Observations')
    const { observations } = await readObservations([stream], query, { size: 1, budget, around })
    expect(observations.map(({ values }) => values.result)).toEqual([29_999])
    expect([stream.looks, budget.rows > 49_900]).toEqual([1, true])
  })
})

it('days and hours that are summed up are counted as their readings are', async () => {
  const zone = 'Europe/Paris'
  const begin = Date.parse('2026-10-23T17:20:00Z')
  const all = Array.from({ length: 500 }, (_, n) => reading('p', begin + n * 11 * MINUTE, n))
  const inside = (from: number, to: number) => all.filter(({ time }) => time >= from && time < to)
  const readings = {
    range: async (_: string, from: number, to: number) => inside(from, to),
    aggregate: async (_: string, by: 'hour' | 'day', from: number, to: number) =>
      periodsBetween(by, from, to, by === 'hour' ? 'UTC' : zone).map(({ start, end }) => ({
        valid: inside(start, end).length,
      })),
  } as unknown as ReadingStore
  const says = () => true
  const last = all.at(-1)!.time
  for (const [from, to] of [
    [begin, last + 1],
    [begin + 90 * MINUTE, last - 200 * MINUTE],
    [begin + 90 * MINUTE, begin + 100 * MINUTE],
    [begin + 10 * MINUTE, begin + 30 * 60 * MINUTE],
    [Date.parse('2026-10-24T22:00:00Z'), Date.parse('2026-10-25T23:00:00Z')],
    [Date.parse('2026-10-24T21:30:00Z'), Date.parse('2026-10-25T23:30:00Z')],
  ] as const) {
    const span = { from, to, isFromFirst: from === begin, isToLast: to > last }
    expect(await countReadings(readings, 'p', span, { timeZone: zone, says }), `${from} ${to}`).toBe(
      inside(from, to).length,
    )
  }
})
