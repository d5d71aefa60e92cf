import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, addressOfUrl, isLoopback } from '../model/address.ts'
import { HOUR_MS } from '../model/time.ts'
import type { ForecastSource } from '../registry/forecast-schema.ts'
import type { Site } from '../registry/schema.ts'
import { seedOf, smoothNoise } from './signals/random.ts'
import { surfaceTemperature } from './signals/road.ts'
import { localWeather, type Weather } from './signals/weather.ts'
import type { SimulatedTime } from './simulated-time.ts'

const HOURS_AHEAD = 24
/** How wrong it may be, K: more with each hour ahead. Ours, and no property of any supplier. */
const ERROR_PER_HOUR = 0.2
const LARGEST_ERROR = 2

/** What a simulated supplier tells from. */
export interface ForecastWorld {
  weather: Weather
  seed: number
  sites: ReadonlyMap<string, Site>
  timeThere: SimulatedTime
}

/** Whether the simulators play a supplier: one that sends our own document, on a loopback address, without TLS. */
export function isPlayed({ url, format }: ForecastSource): boolean {
  return format === 'affluent' && url.startsWith('http:') && isLoopback(addressOfUrl(url).host)
}

/**
 * What a supplier issues on the hour: the weather that the simulators will show, the wronger the further ahead. What
 * a scenario does to a road it knows nothing of.
 */
export function forecastDocument({ sites }: ForecastSource, world: ForecastWorld, now: number) {
  const issued = Math.floor(now / HOUR_MS) * HOUR_MS
  const hours = Array.from({ length: HOURS_AHEAD + 1 }, (_, hour) => hour)
  const stepsOf = (id: string) => {
    const seed = seedOf(world.seed, id)
    const weather = localWeather(world.weather, seed)
    const surface = surfaceTemperature(weather, world.sites.get(id)!.position)
    const mistakes = seedOf(seed, 'forecast', String(issued))
    return hours.map(hour => {
      const time = issued + hour * HOUR_MS
      const there = world.timeThere(time)
      const error = smoothNoise(mistakes, hour / 6) * Math.min(LARGEST_ERROR, ERROR_PER_HOUR * hour)
      return {
        time: new Date(time).toISOString(),
        'surface-temperature': tenths(surface(there) + error),
        'air-temperature': tenths(weather.airTemperature(there) + error),
        'dew-point': tenths(weather.dewPoint(there) + error),
        'precipitation-rate': tenths(weather.precipitation(there)),
      }
    })
  }
  return {
    issued: new Date(issued).toISOString(),
    sites: Object.fromEntries(sites.map(id => [id, stepsOf(id)])),
  }
}

/** Gives a source's document, whatever is asked for. */
export async function startForecastServer(options: {
  source: ForecastSource
  /** Port 0: any that is free. */
  at: Address
  world: ForecastWorld
  now: () => number
}): Promise<{ port: number; close(): Promise<void> }> {
  const { source, at, world, now } = options
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(forecastDocument(source, world, now())))
  })
  server.listen(at.port, at.host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** As suppliers write it; never −0. */
const tenths = (value: number) => Math.round(value * 10) / 10 + 0
