import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readForecasts } from '../../gateway/forecasts/formats.ts'
import { valuesAt } from '../../model/forecast.ts'
import { forecastSourceSchema } from '../../registry/forecast-schema.ts'
import { forecastDocument, isPlayed } from '../../simulators/forecast-server.ts'
import { replayWeather } from '../../simulators/signals/weather.ts'
import { startSimulators } from '../../simulators/simulators.ts'
import { HOUR, log, recordings, registry, SEED, show, stoppedAt } from './territory.ts'

const SITE = registry.sites.values().find(({ kind }) => kind === 'road-station')!.id
const NOW = Date.UTC(2026, 11, 4, 3, 40)
const source = (more = {}) =>
  forecastSourceSchema.parse({
    ...{ id: 'meteo', url: 'http://127.0.0.1:0/', sites: [SITE], staleAfter: '3h' },
    ...more,
  })
const world = {
  ...{ weather: replayWeather(recordings.weather, SEED), seed: SEED, sites: registry.sites },
  timeThere: (time: number) => time,
}

describe('a simulated supplier', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affluent-forecasts-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('issues on the hour what its stations will show, the less certain the further ahead', () => {
    const [forecast] = readForecasts(source(), forecastDocument(source(), world, NOW), NOW)
    expect(forecast!.issued).toBe(Date.UTC(2026, 11, 4, 3))
    const point = registry.points
      .values()
      .find(({ site, quantityName }) => site === SITE && quantityName === 'air-temperature')!
    const wrongBy = (hours: number) => {
      const time = forecast!.issued + hours * HOUR
      return Math.abs(valuesAt(forecast!, time)!['air-temperature']! - show(point.id, time))
    }
    expect(wrongBy(0)).toBeLessThan(0.11)
    for (let hours = 0; hours <= 24; hours++)
      expect(wrongBy(hours)).toBeLessThan(Math.min(2, 0.2 * hours) + 0.11)
    expect(Math.max(...Array.from({ length: 25 }, (_, hours) => wrongBy(hours)))).toBeGreaterThan(0.3)
  })

  it('says the same again within the hour, and something else after it', () => {
    const at = (time: number) => JSON.stringify(forecastDocument(source(), world, time))
    expect(at(NOW + 19 * 60_000)).toBe(at(NOW))
    expect(at(NOW + HOUR)).not.toBe(at(NOW))
  })

  it('answers where the registry says, beside the devices, until it is closed', async () => {
    const forecasts = new Map([['meteo', source()]])
    const clock = stoppedAt(NOW)
    const simulators = await startSimulators({
      registry: { ...registry, forecasts },
      seed: SEED,
      folder,
      clock,
      log,
    })
    const url = simulators.forecasts.get('meteo')!
    const document = await (await fetch(url)).json()
    expect(document).toEqual(forecastDocument(source(), world, NOW))
    await simulators.close()
    await expect(fetch(url)).rejects.toThrow()
  })

  it('is played for our own documents on this machine only', () => {
    const isPlayedAt = (url: string, more = {}) => isPlayed(source({ url, ...more }))
    expect(isPlayedAt('http://[::1]:80/x')).toBe(true)
    expect(isPlayedAt('http://meteo.example/')).toBe(false)
    expect(isPlayedAt('https://127.0.0.1/')).toBe(false)
    expect(isPlayedAt('http://127.0.0.1/', { format: 'met-norway' })).toBe(false)
  })
})
