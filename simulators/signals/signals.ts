import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { conversion, type Unit } from '../../model/units.ts'
import { measuredPoints, type Point, type Registry } from '../../registry/registry.ts'
import type { Recordings } from '../recordings.ts'
import { createStage, type Stage } from '../scenarios/stage.ts'
import { withDrizzle, withFaults, withFrost, withWarmth } from '../scenarios/values.ts'
import { createDevice, type Device, type Surroundings } from './device.ts'
import { heating } from './heating.ts'
import { type Signal, showIdentification, showIndex, showMeasure, showMode } from './instrument.ts'
import { mains } from './mains.ts'
import { replayMonths } from './months.ts'
import { smoothNoise } from './random.ts'
import { precipitationType, surfaceCondition, surfaceTemperature, waterFilm, waterLevel } from './road.ts'
import { meanSpeed, occupancy } from './traffic.ts'
import { type Course, type LocalWeather, replayWeather, windGust } from './weather.ts'

/** A signal for each point of a registry, by point id: what it shows follows from its quantity, its site and the seed. */
export function createSignals(options: {
  registry: Registry
  seed: number
  recordings: Recordings
  /** What goes wrong; nothing by default. */
  stage?: Stage
}): ReadonlyMap<string, Signal> {
  const { registry, seed, recordings, stage = createStage(registry) } = options
  const points = measuredPoints(registry)
  const weather = replayWeather(recordings.weather, seed)
  const months = replayMonths(recordings.building, weather.airTemperature, registry.territory.timeZone)
  const surroundings: Surroundings = {
    ...{ registry, seed, weather, months, stage },
    points: Map.groupBy(points, point => point.site),
    recording: recordings.building,
  }
  const meters = new Map(registry.meters.values().map(meter => [meter.point?.id, meter]))
  const devices = new Map<string, Device>()
  const signals = new Map<string, Signal>()
  for (const point of points) {
    const key = `${point.site}/${point.device}`
    const device = devices.get(key) ?? createDevice(surroundings, point)
    devices.set(key, device)
    const { fluid } = point.quantity
    const meter = meters.get(point.id)
    const signal = fluid
      ? showIndex(point, device.load(fluid), device.seed, meter)
      : signalOf(point, device, stage)
    signals.set(point.id, withFaults(signal, stage, point, device.seed, meter))
  }
  return signals
}

function signalOf(
  point: Point,
  { site, seed, weather, indoor, load, traffic }: Device,
  stage: Stage,
): Signal {
  switch (point.quantityName) {
    case 'vehicle-count':
      return showIndex(point, traffic().vehicles, seed)
    case 'mean-speed':
      return showMeasure(point, meanSpeed(traffic().vehicles, traffic().busiestHour, seed))
    case 'traffic-flow':
      return showMeasure(point, traffic().vehicles.rate)
    case 'road-occupancy':
      return showMeasure(point, occupancy(traffic().vehicles, traffic().busiestHour, seed))
    case 'active-power':
      return showMeasure(point, load('electricite').rate)
    case 'exported-electricity-index':
      return showIndex(point, mains(load('electricite'), seed).exported, seed)
    case 'produced-electricity-index':
      return showIndex(point, mains(load('electricite'), seed).exported, seed)
    case 'reactive-energy-index':
      return showIndex(point, mains(load('electricite'), seed).reactive, seed)
    case 'apparent-power':
      return showMeasure(point, mains(load('electricite'), seed).apparentPower)
    case 'reactive-power':
      return showMeasure(point, mains(load('electricite'), seed).reactivePower)
    case 'voltage':
      return showMeasure(point, mains(load('electricite'), seed).voltage)
    case 'current':
      return showMeasure(point, mains(load('electricite'), seed).current)
    case 'frequency':
      return showMeasure(point, mains(load('electricite'), seed).frequency)
    case 'power-factor':
      return showMeasure(point, mains(load('electricite'), seed).powerFactor)
    case 'heat-volume-index':
      return showIndex(point, heating(load('chaleur'), weather).volume, seed)
    case 'supply-temperature':
      return showMeasure(point, heating(load('chaleur'), weather).supply)
    case 'return-temperature':
      return showMeasure(point, heating(load('chaleur'), weather).return)
    case 'carbon-dioxide':
      return showMeasure(point, indoor.carbonDioxide)
    case 'air-pressure':
      return showMeasure(point, time => 1013 + 14 * smoothNoise(seed, time / (2 * DAY_MS)))
    case 'wind-direction':
      return showMeasure(point, time => 180 + 179 * smoothNoise(seed, time / (6 * HOUR_MS)))
    case 'thermal-power':
      return showMeasure(point, load('chaleur').rate)
    case 'flow-rate':
      return showMeasure(point, load('eau').rate)
    case 'air-temperature':
    case 'outdoor-temperature':
      return showMeasure(point, weather.airTemperature)
    case 'dew-point':
      return showMeasure(point, weather.dewPoint)
    case 'relative-humidity':
      return showMeasure(point, site.kind === 'building' ? indoor.humidity : weather.relativeHumidity)
    case 'surface-temperature':
    case 'surface-condition':
    case 'water-film':
    case 'freezing-temperature':
    case 'precipitation-rate':
    case 'precipitation':
    case 'precipitation-type':
      return roadSignal(point, withDrizzle(weather, stage, point), site.position, stage)
    case 'wind-speed':
      return showMeasure(point, weather.windSpeed)
    case 'wind-gust':
      return showMeasure(point, windGust(weather, seed))
    case 'water-level':
      return showMeasure(point, waterLevel(weather))
    case 'visibility':
      return showMeasure(point, inUnitOf(point, 'km', weather.visibility))
    case 'indoor-temperature':
      return showMeasure(point, withWarmth(indoor.temperature, stage, point))
    case 'occupancy':
      return indoor.occupied
    case 'fault':
      return () => false
    case 'operating-mode':
      return showMode(point, indoor.occupied)
    case 'identification':
      return showIdentification(point)
    default:
      throw new Error(`${point.id}: no simulator for ${point.quantityName}`)
  }
}

function inUnitOf({ unit }: Point, from: Unit, course: Course): Course {
  const convert = conversion(from, unit)!
  return time => convert(course(time))
}

function roadSignal(
  point: Point,
  weather: LocalWeather,
  position: { lat: number; lon: number },
  stage: Stage,
): Signal {
  const surface = withFrost(surfaceTemperature(weather, position), stage, point)
  const film = waterFilm(weather)
  switch (point.quantityName) {
    case 'surface-condition':
      return surfaceCondition(surface, film)
    case 'water-film':
      return showMeasure(point, film)
    // Nobody salts these roads.
    case 'freezing-temperature':
      return showMeasure(point, () => 0)
    case 'precipitation-rate':
      return showMeasure(point, weather.precipitation)
    case 'precipitation':
      return time => weather.precipitation(time) > 0
    case 'precipitation-type':
      return precipitationType(weather, surface)
    default:
      return showMeasure(point, surface)
  }
}
