import { type AlertEvent, eventKey, type Severity } from '../../model/alert.ts'
import type { Text } from '../../registry/schema.ts'
import { eventText } from '../text.ts'
import type { Hub } from './channel.ts'

const SEVERITIES: Record<Severity, Text> = {
  info: { fr: 'Information', en: 'Information' },
  warning: { fr: 'Avertissement', en: 'Warning' },
  critical: { fr: 'Critique', en: 'Critical' },
}
const ENDED: Text = { fr: 'Fin', en: 'Over' }

/** What a person reads of an event: no personal data, since it passes through the systems of others. */
export interface Message {
  title: Text
  text: Text
  /** The page of the alert. */
  link: string
}

export function messageOf(event: AlertEvent, { registry, baseUrl }: Hub): Message {
  const { alert, type } = event
  const site = registry.sites.get(alert.site)?.name ?? alert.site
  const sign = type === 'resolved' ? ENDED : SEVERITIES[alert.severity]
  return {
    title: { fr: `${sign.fr} – ${site}`, en: `${sign.en} – ${site}` },
    text: eventText(event, registry),
    link: `${baseUrl()}/alerts/${alert.id}`,
  }
}

/** The same for every attempt of one event, so that a receiver can tell a repeat. */
export function deliveryKey(event: AlertEvent): string {
  return `${event.alert.id}/${eventKey(event)}`
}
