import type { ClosedPeriod } from '../../model/opening.ts'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import type { Path } from '../source.ts'

/** Closed periods and holidays that end after they begin, and holidays there to close in. */
export function* checkOpening({ territory, sites }: Draft): Iterable<Finding> {
  const holidays = territory?.schoolHolidays
  yield* checkPeriods(holidays ?? [], ['territory', 'schoolHolidays'])
  for (const { value: site, path } of sites) {
    if (!site.opening) continue
    yield* checkPeriods(site.opening.closed, [...path, 'opening', 'closed'])
    if (site.opening.schoolHolidays === 'closed' && holidays?.length === 0) {
      const message = 'the territory has no schoolHolidays: write them there'
      yield { path: [...path, 'opening', 'schoolHolidays'], message }
    }
  }
}

function* checkPeriods(periods: readonly ClosedPeriod[], path: Path): Iterable<Finding> {
  for (const [index, { from, to }] of periods.entries())
    if (to <= from) yield { path: [...path, index, 'to'], message: 'must be after from' }
}
