import type { Fluid } from '../../model/fluid.ts'
import type { Point, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { BuildingRecording } from '../recordings.ts'
import type { Place, Stage } from '../scenarios/stage.ts'
import { withHeating, withLeaks } from '../scenarios/values.ts'
import { consumptionProfile, yearlyConsumption } from './consumption.ts'
import { type IndoorAir, indoorAir } from './indoor.ts'
import { accumulate, type HourlyUse, type Load, PEAK, yearlyAmount } from './load.ts'
import type { Months } from './months.ts'
import { between, seedOf } from './random.ts'
import { trafficProfile, yearlyVehicles } from './traffic.ts'
import { type LocalWeather, localWeather, type Weather } from './weather.ts'

/** What surrounds every device of a territory. */
export interface Surroundings {
  registry: Registry
  /** Of each site. */
  points: ReadonlyMap<string, readonly Point[]>
  seed: number
  weather: Weather
  months: Months
  recording: BuildingRecording
  stage: Stage
}

/** What one device measures. Its points share it, so that the index and the power of a meter agree. */
export interface Device {
  site: Site
  seed: number
  weather: LocalWeather
  indoor: IndoorAir
  /** kWh (gas: PCS) or m³ */
  load(fluid: Fluid): Load
  traffic(): { vehicles: Load; busiestHour: number }
}

export function createDevice(surroundings: Surroundings, place: Place): Device {
  const { registry, months, recording, stage } = surroundings
  const { site: siteId, device: id, connection, gateway } = place
  const here: Place = { site: siteId, device: id, connection, gateway }
  const site = registry.sites.get(siteId)!
  const seed = seedOf(surroundings.seed, siteId, id)
  const weather = localWeather(surroundings.weather, seedOf(surroundings.seed, siteId))
  const loads = new Map<Fluid, Load>()
  let traffic: ReturnType<Device['traffic']> | undefined
  return {
    site,
    seed,
    weather,
    indoor: indoorAir(site, months, weather, seed),
    load(fluid) {
      let load = loads.get(fluid)
      if (!load) {
        const yearly = yearlyUse(surroundings, site, id, fluid)
        const profile = consumptionProfile(fluid, site, recording, seed)
        const usual = scaledLoad(months, profile, yearly, seedOf(seed, fluid))
        load = withScenarios(fluid, usual)
        loads.set(fluid, load)
      }
      return load
    },
    traffic() {
      const yearly = yearlyVehicles(seed)
      traffic ??= {
        vehicles: scaledLoad(months, trafficProfile(seed), yearly, seed),
        // The busiest hour of a week carries about a tenth of a mean day.
        busiestHour: (yearly / 365 / 10) * PEAK,
      }
      return traffic
    },
  }

  function withScenarios(fluid: Fluid, load: Load): Load {
    if (fluid === 'eau') return withLeaks(load, stage, here)
    return fluid === 'chaleur' || fluid === 'gaz' ? withHeating(load, stage, here) : load
  }
}

function scaledLoad(months: Months, profile: HourlyUse, yearly: number, seed: number): Load {
  const scale = yearly / yearlyAmount(months, profile)
  return accumulate(months, (month, hour) => scale * profile(month, hour), seed)
}

/** Where a heat network heats, gas only cooks: this share of what it would else be. */
const KITCHEN = 0.06

/** kWh or m³ a year through one device: its part of what the sites use that its meter serves. */
function yearlyUse(surroundings: Surroundings, site: Site, device: string, fluid: Fluid): number {
  const { registry, seed } = surroundings
  const points = surroundings.points.get(site.id)!
  const devices = [
    ...new Set(points.filter(point => point.quantity.fluid === fluid).map(point => point.device)),
  ]
  // The first meter of a fluid is the main one; the others count an annexe or a kitchen.
  const weight = (name: string) =>
    name === devices[0] ? 1 : between(seedOf(seed, site.id, name), 31, 0.15, 0.4)
  const whole = devices.reduce((sum, name) => sum + weight(name), 0)
  const share = devices.includes(device) ? weight(device) / whole : 1
  const cooks = fluid === 'gaz' && points.some(point => point.quantity.fluid === 'chaleur')
  const spread = between(seedOf(seed, site.id, fluid), 32, 0.8, 1.2)
  const served = servedSites(registry, site, device)
  return (
    served.reduce((sum, each) => sum + yearlyConsumption(each, fluid), 0) *
    share *
    spread *
    (cooks ? KITCHEN : 1)
  )
}

function servedSites(registry: Registry, site: Site, device: string): Site[] {
  const meter = registry.meters
    .values()
    .find(({ point }) => point?.site === site.id && point.device === device)
  const served = new Set(meter?.allocations.map(allocation => allocation.site))
  return served.size > 0 ? [...served].map(id => registry.sites.get(id)!) : [site]
}
