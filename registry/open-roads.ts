import { isRoadWeather, type RoadWeatherQuantity } from '../model/road-weather.ts'
import { mayAppear } from './may-appear.ts'
import { type MeasuredPoint, measuredPoints, type Registry } from './registry.ts'
import type { Site } from './schema.ts'

export type RoadWeatherPoint = MeasuredPoint & { quantityName: RoadWeatherQuantity }

/** A road station as the public sees it: it may be published, and so may these of its points. */
export interface OpenStation {
  site: Site
  points: readonly RoadWeatherPoint[]
}

/** The road stations that may appear, in the order of the files. */
export function openStations(registry: Registry): OpenStation[] {
  const points = Map.groupBy(measuredPoints(registry).filter(isOfWeather), point => point.site)
  return [...registry.sites.values()]
    .filter(site => site.kind === 'road-station' && mayAppear(site))
    .map(site => ({ site, points: points.get(site.id) ?? [] }))
}

function isOfWeather(point: MeasuredPoint): point is RoadWeatherPoint {
  return isRoadWeather(point.quantityName)
}
