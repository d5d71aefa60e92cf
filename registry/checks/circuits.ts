import { isEmpty, overlap } from '../../model/local-dates.ts'
import type { Finding } from '../check.ts'
import type { Circuit } from '../circuit-schema.ts'
import type { Draft, Entry } from '../draft.ts'

/** Seasons one at a time, sections that can be told apart, and stations that are there. */
export function* checkCircuits({ circuits, sites, ids }: Draft): Iterable<Finding> {
  const kinds = new Map(sites.map(({ value: { id, kind } }) => [id, kind]))
  for (const circuit of circuits) {
    yield* checkSeasons(circuit)
    yield* checkSections(circuit)
    const { value, path } = circuit
    for (const [index, station] of value.stations.entries()) {
      const kind = kinds.get(station)
      const message =
        ids.sites?.has(station) === false
          ? `there is no ${station} among the sites`
          : kind !== undefined && kind !== 'road-station'
            ? `${station} is a ${kind}, not a road-station`
            : value.stations.indexOf(station) < index && `${station} is named twice`
      if (message) yield { path: [...path, 'stations', index], message }
    }
  }
}

function* checkSeasons({ value: { seasons }, path }: Entry<Circuit>): Iterable<Finding> {
  for (const [index, season] of seasons.entries()) {
    const at = [...path, 'seasons', index]
    const { reference, minimum } = season
    if (isEmpty(season)) yield { path: [...at, 'to'], message: 'must be after from' }
    const other = seasons.slice(0, index).find(before => overlap(before, season))
    if (other)
      yield {
        path: [...at, 'from'],
        message: `overlaps the season from ${other.from} to ${other.to}: one service level holds at a time`,
      }
    if (reference && minimum && minimum < reference)
      yield { path: [...at, 'minimum'], message: `is better than the reference ${reference}` }
  }
}

function* checkSections({ value: { sections }, path }: Entry<Circuit>): Iterable<Finding> {
  for (const [index, { id, fromPk, toPk }] of sections.entries()) {
    const at = [...path, 'sections', index]
    if (sections.findIndex(section => section.id === id) < index)
      yield { path: [...at, 'id'], message: `there is another ${id} among the sections of this circuit` }
    if (fromPk === toPk) yield { path: [...at, 'toPk'], message: 'is where the section begins' }
  }
}
