import { cutAt, holdsOn } from '../../model/local-dates.ts'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import { isSensitive, mayAppear, ROUNDED_SHARES } from '../may-appear.ts'
import { SENSITIVE_USES } from '../schema.ts'

/** What is said of open data says something, and nothing else takes it back. */
export function* checkOpenData({ sites, meters }: Pick<Draft, 'sites' | 'meters'>): Iterable<Finding> {
  for (const { value: site, path } of sites) {
    for (const key of ['openDataDespiteUse', 'openDataHourly'] as const)
      if (site[key] !== undefined && !site.openData)
        yield { path: [...path, key], message: 'says nothing while openData is not true' }
    if (site.openDataDespiteUse !== undefined && !isSensitive(site)) {
      const uses = SENSITIVE_USES.join(', ')
      yield { path: [...path, 'openDataDespiteUse'], message: `is for a building of the use ${uses}` }
    }
    if (site.openDataHourly && site.kind !== 'building') {
      const message = `is for a building, and ${site.id} is a ${site.kind}`
      yield { path: [...path, 'openDataHourly'], message }
    }
  }
  for (const { value: meter, path } of meters)
    if (meter.dwellings !== undefined && (meter.direction === 'export' || meter.reactive))
      yield { path: [...path, 'dwellings'], message: 'is of a meter that counts consumption' }
}

/** Names by which people know buildings where it is dangerous to be found, whatever their use is said to be. */
const SENSITIVE_NAMES =
  /\b(?:gendarmerie|commissariat|police|pouponni[èe]re|centre maternel|foyer (?:\S+ )?de l['’]enfance|protection de l['’]enfance|maison d['’]enfants|mecs|femmes victimes)\b/i

/**
 * A building that is open data and yet does not appear, or appears and most likely should not; and what nobody has of a
 * meter, which may keep others from appearing.
 */
export function* doubtOpenData({ sites, meters }: Pick<Draft, 'sites' | 'meters'>): Iterable<Finding> {
  const appearing = new Set(sites.filter(({ value }) => mayAppear(value)).map(({ value }) => value.id))
  for (const { value: meter, path } of meters) {
    const { allocations } = meter
    const rest = cutAt(allocations)
      .map(({ from = '' }) => ({ from, own: allocations.filter(each => holdsOn(each, from)) }))
      .find(({ own }) => own.some(({ site }) => appearing.has(site)) && sumOf(own) < 1 - ROUNDED_SHARES)
    if (rest) {
      const when = rest.from ? `on ${rest.from}` : 'from the beginning'
      const message = `add up to ${Number(sumOf(rest.own).toFixed(6))} ${when}: what nobody has is hidden, and so are figures that would tell it`
      yield { path: [...path, 'allocations'], message }
    }
  }
  for (const { value: site, path } of sites) {
    if (!site.openData || site.kind !== 'building') continue
    if (isSensitive(site)) {
      if (site.openDataDespiteUse === undefined)
        yield {
          path: [...path, 'openData'],
          message: `is hidden all the same, as every building of the use ${site.use}: write false, or openDataDespiteUse with the reason`,
        }
    } else if (SENSITIVE_NAMES.test(site.name)) {
      yield {
        path: [...path, 'openData'],
        message: `“${site.name}” sounds like one of the uses ${SENSITIVE_USES.join(', ')}: say its use, or write false`,
      }
    }
  }
}

function sumOf(allocations: readonly { share: number }[]): number {
  return allocations.reduce((sum, { share }) => sum + share, 0)
}
