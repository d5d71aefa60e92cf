import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf } from '../model/consumption.ts'
import type { Fluid } from '../model/fluid.ts'
import { cutAt, holdsOn, intersect, joinDates } from '../model/local-dates.ts'
import type { Meter } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import { linkedMeters, openForms, stretchesOf } from './forms.ts'

/** In the least sum in which dwellings may be. */
export const LEAST_DWELLINGS = 10

/** Nobody's: no site has this id. */
const NOBODY = ''

/** Meters of dwellings that must not count for a building on some dates: all of them are too few. */
export interface FewDwellings extends LocalDates {
  site: Site
  fluid: Fluid
  meters: string[]
  /** Nothing else counts for the building. */
  isAll: boolean
}

export function findFewDwellings(meters: readonly Meter[], buildings: readonly Site[]): FewDwellings[] {
  return linkedMeters(meters)
    .filter(linked => linked.some(({ dwellings }) => dwellings !== undefined))
    .flatMap(linked => {
      const { fluid } = linked[0]!
      return stretchesOf(linked).flatMap(stretch => {
        const forms = openForms(linked, stretch)
        return buildings.flatMap(site => {
          const parts = [...forms.inOwnParts(forms.consumption(site.id)).keys()]
          const few = parts.filter(part => forms.dwellings(part) !== undefined)
          const served = few.reduce((sum, part) => sum + forms.dwellings(part)!, 0)
          if (few.length === 0 || served >= LEAST_DWELLINGS) return []
          return [{ ...stretch, site, fluid, meters: few, isAll: few.length === parts.length }]
        })
      })
    })
}

/** A meter that counts for nobody in place of a building, while it must not count for that. */
export function withoutDwellings(meter: Meter, dwellings: readonly FewDwellings[]): Meter {
  const excluded = dwellings.filter(({ meters }) => meters.includes(meter.id))
  if (excluded.length === 0) return meter
  const allocations = allocationsOf(meter).flatMap(allocation => {
    const { site, share } = allocation
    const dates = joinDates(excluded.filter(each => each.site.id === site))
    return cutAt([allocation, ...dates]).flatMap(part => {
      const during = intersect(part, allocation)
      if (!during) return []
      const isExcluded = dates.some(each => holdsOn(each, during.from ?? ''))
      return [{ ...during, share, site: isExcluded ? NOBODY : site }]
    })
  })
  return { ...meter, allocations }
}
