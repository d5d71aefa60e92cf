import { instantOfLocalTime } from '../model/calendar.ts'
import type { Registry, Rule } from '../registry/registry.ts'

/**
 * Makes the function that tells whether a point, or its site, or a rule, is out of service at a time, ms UTC (ISA-18.2):
 * meanwhile the rule does not fire there.
 */
export function openOutOfService({ outOfService, territory }: Pick<Registry, 'outOfService' | 'territory'>) {
  const { timeZone } = territory
  const spans = outOfService.map(({ from, to, ...what }) => ({
    ...{ ...what, from: instantOfLocalTime(from, timeZone), to: instantOfLocalTime(to, timeZone) },
  }))
  return (rule: Pick<Rule, 'id'>, point: { id: string; site: string }, now: number): boolean =>
    spans.some(
      ({ from, to, rules, sites, points }) =>
        from <= now &&
        now < to &&
        (rules?.includes(rule.id) ?? true) &&
        (sites?.includes(point.site) ?? true) &&
        (points?.includes(point.id) ?? true),
    )
}
