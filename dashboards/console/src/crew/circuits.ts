import { distanceKm, type Position } from '../../../../model/distance.ts'
import type { Circuit, Site } from '../api/types.ts'

const PR = /^(.+?) PR (\d+)\+(\d{1,4})$/

/** The circuits, first those that a site tells of, then by how near their stations are. */
export function nearestCircuits(
  circuits: readonly Circuit[],
  sites: readonly Site[],
  { at, from }: { at?: string | undefined; from?: Position | undefined },
): Circuit[] {
  const positions = new Map(sites.map(site => [site.id, site.position]))
  const farness = ({ stations }: Circuit): number => {
    if (at !== undefined && stations.includes(at)) return -1
    const ways = stations.flatMap(id => {
      const position = positions.get(id)
      return from && position ? [distanceKm(from, position)] : []
    })
    return Math.min(...ways, Number.MAX_VALUE)
  }
  return circuits.toSorted((a, b) => farness(a) - farness(b))
}

/** The section of a circuit that a site stands at, by its road and point: D 907 PR 31+850. */
export function sectionAt({ sections }: Circuit, site: Site | undefined): string | undefined {
  const [, road, pr, metres] = PR.exec(site?.road ?? '') ?? []
  const place = Number(pr) * 1000 + Number(metres)
  const found = sections.find(
    section => section.road === road && metresOf(section.fromPk) <= place && place <= metresOf(section.toPk),
  )
  return found?.id ?? (sections.length === 1 ? sections[0]!.id : undefined)
}

/** A point of a road in an order; a kilometre between two points is not always one. */
function metresOf(pk: string): number {
  const [pr, metres] = pk.split('+')
  return Number(pr) * 1000 + Number(metres)
}
