import { SEVERITIES } from '../../../../model/alert.ts'
import { distanceKm, type Position } from '../../../../model/distance.ts'
import type { Alert, Site } from '../api/types.ts'

/** An alert with what is known of where it is. */
export interface Placed {
  alert: Alert
  site: Site | undefined
  /** From the phone, m. */
  distance: number | undefined
}

/** A building has no road; a site that is not known may have one. */
export function isOfRoad(site: Site | undefined): boolean {
  return site === undefined || site.kind !== 'building' || site.road !== null
}

/** The alerts of roads: the gravest first, then the nearest, then the newest. */
export function placeAlerts(
  alerts: readonly Alert[],
  sites: readonly Site[],
  from: Position | undefined,
): Placed[] {
  const byId = new Map(sites.map(site => [site.id, site]))
  return alerts
    .map(alert => {
      const site = byId.get(alert.site)
      return { alert, site, distance: from && site && distanceKm(from, site.position) * 1000 }
    })
    .filter(({ site }) => isOfRoad(site))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(b.alert.severity) - SEVERITIES.indexOf(a.alert.severity) ||
        (a.distance ?? 0) - (b.distance ?? 0) ||
        b.alert.since.localeCompare(a.alert.since),
    )
}
