import { createHash } from 'node:crypto'
import { type Alert, SEVERITIES } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'
import type { Hub } from './channel.ts'
import type { Message } from './message.ts'
import { deliveryKey, isOfHub, type Notice } from './notice.ts'

/** How many sites of a rule are named; the others are counted. */
const NAMED = 5

/** What many alerts at once are told by: the page of the alerts is where each is acknowledged. */
export function digestOf(notices: readonly Notice[], { registry, baseUrl }: Hub): Message {
  const alerts = notices.flatMap(({ event }) => (isOfHub(event) ? [] : [event.alert]))
  const open = alerts.filter(({ state }) => state !== 'resolved')
  const severity = SEVERITIES.findLast(each => open.some(alert => alert.severity === each)) ?? 'info'
  const over = alerts.length - open.length
  const parts: Text[] = [
    ...(open.length > 0 ? [byRule(open, registry)] : []),
    ...(over > 0 ? [{ fr: `${over} terminée${over > 1 ? 's' : ''}`, en: `${over} over` }] : []),
  ]
  const keys = notices.map(({ event, reminder }) => deliveryKey(event, reminder))
  const count = notices.length
  return {
    ...{ event: 'several', severity, link: `${baseUrl()}/alerts` },
    key: `several/${createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, 16)}`,
    title: { fr: `${count} alertes`, en: `${count} alerts` },
    text: {
      fr: `${count} alertes à la fois – ${parts.map(({ fr }) => fr).join(' – ')}`,
      en: `${count} alerts at once – ${parts.map(({ en }) => en).join(' – ')}`,
    },
  }
}

function byRule(alerts: readonly Alert[], registry: Registry): Text {
  const groups = [...Map.groupBy(alerts, ({ rule }) => rule)].map(([rule, group]) => {
    const sites = [...new Set(group.map(({ site }) => registry.sites.get(site)?.name ?? site))]
    const more = sites.length > NAMED ? sites.length - NAMED : 0
    const named = sites.slice(0, NAMED).join(', ')
    const name = registry.rules.get(rule)?.name ?? { fr: rule, en: rule }
    return {
      fr: `${name.fr} : ${named}${more ? ` et ${more} autres` : ''}`,
      en: `${name.en}: ${named}${more ? ` and ${more} more` : ''}`,
    }
  })
  return { fr: groups.map(({ fr }) => fr).join(' ; '), en: groups.map(({ en }) => en).join('; ') }
}
