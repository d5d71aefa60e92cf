import { quantity } from '../../model/quantity.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Draft } from '../draft.ts'
import type { DerivedPoint } from './derived.ts'

/** How far every meter that is read can be believed, at the site where it stands. */
export function meterPoints({ meters, points }: Pick<Draft, 'meters' | 'points'>): DerivedPoint[] {
  const sites = new Map(points.map(({ id, device }) => [id, device.site]))
  const { fr, en } = quantity('implausible-readings').label
  return meters.flatMap(({ value: { id, point } }) => {
    const site = point === undefined ? undefined : sites.get(point)
    if (site === undefined) return []
    return [
      {
        ...{
          site,
          name: `${id}-implausible-readings`,
          quantityName: 'implausible-readings',
          interval: HOUR_MS,
        },
        label: { fr: `${fr} (compteur ${id})`, en: `${en} (meter ${id})` },
        of: { meter: id },
      },
    ]
  })
}
