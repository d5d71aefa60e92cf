import type { PublicBroker } from '../../bus/public-broker.ts'
import type { Clock } from '../../model/clock.ts'
import { isNewer, type ReadingColumns, readingAt } from '../../model/reading.ts'
import { asNumber } from '../../model/road-weather.ts'
import { openStations, type RoadWeatherPoint } from '../../registry/open-roads.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Feed } from '../live/feed.ts'
import { latestOf } from '../readings/latest.ts'
import { sensorId } from './sensors.ts'

/** The root of the topics, as Digitraffic has it. */
export const ROAD_WEATHER_TOPIC = 'weather-v2'

export interface LiveRoadWeather {
  registry: Registry
  feed: Feed
  broker: PublicBroker
  clock: Clock
  /** How often it is told when there was news last, ms. */
  statusMs?: number
}

/**
 * Publishes what the road stations say as it comes, in the shape of Digitraffic (WeatherMqttConfigurationV2):
 * `weather-v2/<station>/<sensor>` with value and time of measurement in s of the epoch, and `weather-v2/status` with
 * the time of the last news. What is old, bad or repeated when it comes is not published.
 */
export function publishRoadWeather({ registry, feed, broker, clock, statusMs = 30_000 }: LiveRoadWeather) {
  const newest = new Map<string, number>()
  let updated: number | undefined
  let known = { hash: '', points: new Map<string, RoadWeatherPoint>() }

  const openPoints = () => {
    if (known.hash !== registry.hash) {
      const points = openStations(registry).flatMap(station => station.points)
      known = { hash: registry.hash, points: new Map(points.map(point => [point.id, point])) }
    }
    return known.points
  }

  const publish = (columns: ReadingColumns) => {
    const now = clock.now()
    const points = openPoints()
    columns.points.forEach((id, index) => {
      const point = points.get(id)
      if (!point) return
      const reading = readingAt(columns, index)
      if (!isNewer(reading.time, newest.get(id) ?? -Infinity, now)) return
      newest.set(id, reading.time)
      const value = asNumber(point.quantityName, latestOf(point, reading, now).value)
      if (value === undefined) return
      updated = Math.max(updated ?? 0, reading.time)
      const topic = `${ROAD_WEATHER_TOPIC}/${point.site}/${sensorId(point)}`
      broker.publish(topic, JSON.stringify({ value, time: inSeconds(reading.time) }))
    })
  }

  const telling = setInterval(() => {
    if (updated === undefined) return
    broker.publish(`${ROAD_WEATHER_TOPIC}/status`, JSON.stringify({ updated: inSeconds(updated) }))
  }, statusMs)
  feed.events.on('readings', publish)

  return {
    close() {
      clearInterval(telling)
      feed.events.off('readings', publish)
    },
  }
}

function inSeconds(time: number): number {
  return Math.floor(time / 1000)
}
