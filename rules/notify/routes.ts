import { openHolidays } from '../../energy/holidays.ts'
import type { Alert } from '../../model/alert.ts'
import { civilTime, localDate } from '../../model/calendar.ts'
import { type CivilTimes, openCivilTimes } from '../../model/civil-times.ts'
import type { Registry } from '../../registry/registry.ts'
import { onDuty } from './duty.ts'

/** A channel on which one is told, and whose it is where it is a person's. */
export interface Recipient {
  channel: string
  person?: string
}

/** Whom an unacknowledged alert is to be told by now, and how often they are to be reminded, ms. */
export interface Telling {
  recipients: readonly Recipient[]
  remindEvery?: number | undefined
}

/** Who has to be told whatever the hour: a road that is about to kill somebody. */
const NEVER_QUIET: readonly (string | undefined)[] = ['ice', 'snow', 'freezing-rain']

const SUNDAY = 7

/**
 * Makes the function that says who is to be told of an alert that nobody has acknowledged `elapsed` ms after it fired
 * or worsened: those of every step that is due. A step that reaches nobody makes the next one due; where nobody is
 * left, and after its time, the last resort is told. What no route takes is left to the channels of its rule until then.
 */
export function openRoutes(registry: Registry) {
  const { territory, rules, channels, people, teams, rotas, sites } = registry
  const { timeZone, alerting } = territory
  const isHoliday = openHolidays(territory.publicHolidays)
  const routes = registry.routes.map(route => ({ ...route, isTime: openTimes(route.when) }))
  const quietTimes = new Map(
    [...people.values()].map(({ id, quiet }) => [
      id,
      quiet.map(({ severities, ...times }) => ({ severities, isTime: openTimes([times]) })),
    ]),
  )

  /** Makes the function that tells whether an instant is among some times: always, where none are given. */
  function openTimes(times: readonly CivilTimes[] | undefined): (now: number) => boolean {
    if (!times) return () => true
    const fit = times.map(openCivilTimes)
    return now => {
      const { month, weekday, minute } = civilTime(now, timeZone)
      const day = isHoliday(localDate(now, timeZone)) ? SUNDAY : weekday
      return fit.some(each => each(month, day, minute))
    }
  }

  function fits(route: (typeof routes)[number], { rule, site, severity }: Alert, now: number): boolean {
    const kind = sites.get(site)?.kind
    return (
      (route.rules?.includes(rule) ?? true) &&
      (route.sites?.includes(site) ?? true) &&
      (route.siteKinds?.some(each => each === kind) ?? true) &&
      (route.severities?.includes(severity) ?? true) &&
      route.isTime(now)
    )
  }

  function isQuiet(person: string, { severity, phenomenon }: Alert, now: number): boolean {
    if (NEVER_QUIET.includes(phenomenon)) return false
    return quietTimes
      .get(person)!
      .some(({ severities, isTime }) => severities.includes(severity) && isTime(now))
  }

  function recipientsOf(id: string, alert: Alert, now: number): Recipient[] {
    const person = people.get(id)
    if (person) return isQuiet(id, alert, now) ? [] : [{ channel: person.channels[0]!, person: id }]
    const rota = rotas.get(id)
    const ids = teams.get(id)?.people ?? (rota && onDuty(rota, now, timeZone))
    return ids ? ids.flatMap(each => recipientsOf(each, alert, now)) : [{ channel: id }]
  }

  /** Nobody reads the log as it is written. */
  function reachesSomebody(ids: readonly string[]): boolean {
    return ids.some(id => (channels.get(id)?.type ?? 'log') !== 'log')
  }

  return (alert: Alert, { elapsed, now }: { elapsed: number; now: number }): Telling => {
    const route = routes.find(each => fits(each, alert, now))
    const recipients: Recipient[] = []
    for (const { after, tell } of route?.steps ?? []) {
      if (after > elapsed && recipients.length > 0) break
      recipients.push(...tell.flatMap(id => recipientsOf(id, alert, now)))
    }
    const isTold = route ? recipients.length > 0 : reachesSomebody(rules.get(alert.rule)?.channels ?? [])
    const fallback = alerting?.fallback
    if (fallback && (!isTold || elapsed >= fallback.after))
      recipients.push(...fallback.channels.map(channel => ({ channel })))
    return { recipients, remindEvery: route?.remindEvery }
  }
}
