import type { Fluid } from '../../model/fluid.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Site } from '../../registry/schema.ts'
import type { BuildingRecording } from '../recordings.ts'
import type { HourlyUse } from './load.ts'
import { VARIANTS } from './months.ts'
import { presence } from './presence.ts'
import { uniform } from './random.ts'

type Use = NonNullable<Site['use']>

/** What a square metre uses in a year: kWh of electricity, gas, heat and cold, m³ of water. */
const INTENSITIES: Readonly<Record<Use, Readonly<Record<Fluid, number>>>> = {
  college: { electricite: 25, gaz: 90, chaleur: 85, froid: 5, eau: 0.3 },
  gymnasium: { electricite: 30, gaz: 100, chaleur: 95, froid: 5, eau: 0.4 },
  archives: { electricite: 60, gaz: 60, chaleur: 55, froid: 30, eau: 0.05 },
  depot: { electricite: 35, gaz: 55, chaleur: 50, froid: 5, eau: 0.25 },
  offices: { electricite: 55, gaz: 80, chaleur: 75, froid: 20, eau: 0.25 },
  museum: { electricite: 70, gaz: 90, chaleur: 85, froid: 30, eau: 0.2 },
  library: { electricite: 60, gaz: 80, chaleur: 75, froid: 20, eau: 0.15 },
  'social-centre': { electricite: 45, gaz: 100, chaleur: 90, froid: 10, eau: 0.3 },
  'fire-station': { electricite: 50, gaz: 95, chaleur: 90, froid: 10, eau: 0.8 },
  laboratory: { electricite: 90, gaz: 90, chaleur: 85, froid: 40, eau: 0.6 },
  'child-protection': { electricite: 40, gaz: 110, chaleur: 100, froid: 5, eau: 1.5 },
  gendarmerie: { electricite: 50, gaz: 95, chaleur: 90, froid: 10, eau: 0.8 },
  police: { electricite: 60, gaz: 90, chaleur: 85, froid: 15, eau: 0.4 },
  shelter: { electricite: 40, gaz: 110, chaleur: 100, froid: 5, eau: 1.5 },
  other: { electricite: 45, gaz: 90, chaleur: 85, froid: 10, eau: 0.25 },
}

/** m²; where the registry gives none, of a small building, or the cabinet beside a road. */
const floorAreaOf = ({ kind, floorArea }: Site) => floorArea ?? (kind === 'building' ? 1000 : 15)

/** kWh (gas: PCS) or m³ that a site uses in a year. */
export function yearlyConsumption(site: Site, fluid: Fluid): number {
  return INTENSITIES[site.use ?? 'other'][fluid] * floorAreaOf(site)
}

/** How much water is drawn in each local hour, where people are. */
const DRAWS = [2, 1, 1, 1, 2, 10, 60, 110, 100, 90, 110, 130, 150, 110, 90, 90, 90, 80, 80, 80, 70, 50, 20, 6]

/**
 * The profile of a fluid's hourly use in a kind of building, to be scaled. Electricity, gas and heat are the
 * recorded hours, weighted by the building's own hours; water and cold are modelled.
 */
export function consumptionProfile(
  fluid: Fluid,
  site: Site,
  recording: BuildingRecording,
  seed: number,
): HourlyUse {
  const variant = seed % VARIANTS
  const present: HourlyUse = (month, hour) => presence(site, month, hour)
  switch (fluid) {
    case 'electricite': {
      const recorded = relativeCourse(recording.electricity, 1)
      // A quarter of the mean runs day and night; lights and machines follow the people.
      return (month, hour) =>
        0.25 + recorded[month.recorded[variant]![hour]!]! * (0.15 + 0.85 * present(month, hour))
    }
    case 'gaz':
    case 'chaleur': {
      const recorded = relativeCourse(recording.gas, 3)
      // Heating is set back, not off, while a building is empty.
      return (month, hour) =>
        recorded[month.recorded[variant]![hour]!]! * (0.45 + 0.55 * present(month, hour))
    }
    case 'froid':
      return (month, hour) => Math.max(0, month.temperature[hour]! - 22) * (0.2 + 0.8 * present(month, hour))
    case 'eau':
      // Zero in an empty building: what flows there at night is a leak.
      return (month, hour) =>
        present(month, hour) *
        DRAWS[month.hourOfDay[hour]!]! *
        (0.6 + 0.8 * uniform(seed, month.start / HOUR_MS + hour))
  }
}

// One for all devices: a thousand would each keep years of hours.
const courses = new WeakMap<Float64Array, Float64Array>()

/** A recording over its mean, each hour spread over its neighbours: many rooms do not switch in one hour. */
function relativeCourse(recorded: Float64Array, reach: number): Float64Array {
  const course = courses.get(recorded) ?? spread(recorded, reach)
  courses.set(recorded, course)
  return course
}

function spread(recorded: Float64Array, reach: number): Float64Array {
  const mean = recorded.reduce((sum, value) => sum + value, 0) / recorded.length
  return recorded.map((value, hour) => {
    let sum = 0
    for (let shift = -reach; shift <= reach; shift++) {
      sum += (reach + 1 - Math.abs(shift)) * (recorded[hour + shift] ?? value)
    }
    return sum / (reach + 1) ** 2 / mean
  })
}
