import type { RequestListener } from 'node:http'
import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { startBroker } from '../../../bus/broker.ts'
import { connectBus } from '../../../bus/client.ts'
import { decodeForecasts } from '../../../bus/forecast-codec.ts'
import { filters } from '../../../bus/topics.ts'
import { openForecasts } from '../../../gateway/forecasts/forecasts.ts'
import type { Clock } from '../../../model/clock.ts'
import type { Forecast } from '../../../model/forecast.ts'
import { HOUR_MS } from '../../../model/time.ts'
import { forecastSourceSchema } from '../../../registry/forecast-schema.ts'
import { openForecastStore } from '../../../store/forecasts.ts'
import { closeLater } from '../../close-later.ts'
import { memoryLog } from '../../rules/territory.ts'
import { startHttpServer } from '../http-server.ts'

const ISSUED = Date.parse('2026-12-04T03:00:00Z')
const document = (temperature: number, issued = ISSUED) =>
  JSON.stringify({
    issued: new Date(issued).toISOString(),
    sites: {
      col: [0, 1, 2].map(hour => ({
        time: new Date(ISSUED + hour * HOUR_MS).toISOString(),
        'air-temperature': temperature - hour,
      })),
    },
  })

async function startSupplier(answer: RequestListener) {
  return `${(await startHttpServer(answer)).url}/forecast?key=hidden`
}

const silent = pino({ level: 'silent' })

/** A source that is asked every few ms, a broker, and whoever listens there. */
async function start(url: string) {
  const source = {
    ...forecastSourceSchema.parse({
      ...{ id: 'meteo', url, sites: ['col'], staleAfter: '2h', headers: { 'User-Agent': 'essai' } },
    }),
    every: 20,
  }
  let now = ISSUED + 60_000
  const clock: Clock = { now: () => now, elapsed: () => now }
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silent })
  closeLater(broker)
  const bus = closeLater(await connectBus({ url: broker.url, clientId: 'forecasts', log: silent }))
  const store = openForecastStore({ file: ':memory:' })
  const { log, lines } = memoryLog()
  const forecasts = closeLater(
    openForecasts({ registry: { forecasts: new Map([['meteo', source]]) }, store, bus, clock, log }),
  )
  forecasts.ask()
  return {
    ...{ store, forecasts, broker, lines },
    state: () => forecasts.states.get('meteo'),
    expected: (hours: number) => forecasts.board.foresee('col', ISSUED + hours * HOUR_MS, now),
    advance: (ms: number) => {
      now += ms
    },
  }
}

test('what a source issues is kept, told to whoever comes later, and counts until it is stale', async () => {
  const asked: (string | undefined)[] = []
  const url = await startSupplier(({ headers }, response) => {
    asked.push(headers['if-none-match'], headers['user-agent'])
    if (headers['if-none-match']) response.writeHead(304).end()
    else response.writeHead(200, { etag: '"1"' }).end(document(1))
  })
  const { store, expected, advance, broker } = await start(url)
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(4))
  expect(asked.slice(0, 4)).toEqual([undefined, 'essai', '"1"', 'essai'])
  expect(expected(1.5)).toEqual({ 'air-temperature': -0.5 })
  expect(expected(2.1)).toBeUndefined()
  const kept = store.issued('col', { from: ISSUED, to: ISSUED + 1 })
  expect(kept).toHaveLength(1)

  const late = closeLater(await connectBus({ url: broker.url, clientId: 'rules', log: silent }))
  const heard: Forecast[] = []
  await late.subscribe(filters.allForecasts, (_, payload) => void heard.push(...decodeForecasts(payload)))
  await vi.waitFor(() => expect(heard).toEqual(store.latest()))

  advance(2 * HOUR_MS)
  expect(expected(1)).toBeUndefined()
})

test('an answer that is no forecast is told with its source and field, once, and keeps the last good one', async () => {
  let body = document(1)
  const url = await startSupplier((_, response) => void response.end(body))
  const { state, expected, lines, store } = await start(url)
  await vi.waitFor(() => expect(expected(0)).toEqual({ 'air-temperature': 1 }))
  body = document(1).replace('"air-temperature":1', '"air-temperature":"cold"')
  const fault = /the answer is wrong at sites\.col\[0\]\.air-temperature/
  await vi.waitFor(() => expect(state()?.problem).toMatch(fault))
  expect(expected(0)).toEqual({ 'air-temperature': 1 })
  expect(lines.map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^forecasts of meteo: the answer is wrong/),
  ])
  body = document(-3, ISSUED + 30_000)
  await vi.waitFor(() => expect(expected(0.5)).toEqual({ 'air-temperature': -3.5 }))
  expect(state()?.problem).toBeUndefined()
  expect(store.issued('col', { from: 0, to: Number.MAX_SAFE_INTEGER })).toHaveLength(2)
  expect(JSON.stringify(lines)).not.toContain('hidden')
})

test('what a source refuses or sends elsewhere says nothing of its key', async () => {
  const url = await startSupplier((request, response) => {
    response.writeHead(302, { location: `https://elsewhere.example${request.url}` }).end()
  })
  const { state } = await start(url)
  await vi.waitFor(() => expect(state()?.problem).toMatch(/302 Found.*elsewhere\.example\/forecast: give/))
})
