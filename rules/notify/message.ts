import { type AlertEvent, eventKey, type Severity } from '../../model/alert.ts'
import type { Text } from '../../registry/schema.ts'
import { eventText, formatTime } from '../text.ts'
import type { Hub } from './channel.ts'
import type { Notice } from './notice.ts'

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
  /** The page that acknowledges it, without login; nothing where there is nothing to acknowledge. */
  acknowledge?: string
  /** The same for every attempt, so that a receiver can tell a repeat. */
  key: string
}

export function messageOf(notice: Notice, { registry, baseUrl, links }: Hub): Message {
  const { event, reminder } = notice
  const { alert, type } = event
  const site = registry.sites.get(alert.site)?.name ?? alert.site
  const sign = type === 'resolved' ? ENDED : SEVERITIES[alert.severity]
  return {
    title: { fr: `${sign.fr} – ${site}`, en: `${sign.en} – ${site}` },
    text: reminder > 0 ? reminderText(event, registry) : eventText(event, registry),
    link: `${baseUrl()}/alerts/${alert.id}`,
    ...(alert.state === 'firing' && { acknowledge: `${baseUrl()}/k/${links.tokenOf(notice)}` }),
    key: reminder > 0 ? `${deliveryKey(event)}/reminder-${reminder}` : deliveryKey(event),
  }
}

function reminderText({ alert }: AlertEvent, { territory: { timeZone } }: Hub['registry']): Text {
  const since = alert.change?.time ?? alert.firedAt
  return {
    fr: `Rappel, sans prise en charge depuis le ${formatTime(since, timeZone, 'fr')} : ${alert.message.fr}`,
    en: `Reminder, unacknowledged since ${formatTime(since, timeZone, 'en')}: ${alert.message.en}`,
  }
}

/** What an event is known by, whatever channel tells it. */
export function deliveryKey(event: AlertEvent): string {
  return `${event.alert.id}/${eventKey(event)}`
}
