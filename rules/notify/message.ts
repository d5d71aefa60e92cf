import {
  type AlertEvent,
  type AlertEventType,
  changesOf,
  isShelved,
  type Severity,
} from '../../model/alert.ts'
import { mapLink } from '../../model/map-link.ts'
import { replyCodeOf } from '../../model/reply-code.ts'
import type { Text } from '../../registry/schema.ts'
import { eventText, formatTime } from '../text.ts'
import type { Hub } from './channel.ts'
import { digestOf } from './digest.ts'
import { deliveryKey, type HubEvent, isOfHub, type Notice, type Notices } from './notice.ts'

const SEVERITIES: Record<Severity, Text> = {
  info: { fr: 'Information', en: 'Information' },
  warning: { fr: 'Avertissement', en: 'Warning' },
  critical: { fr: 'Critique', en: 'Critical' },
}
const ENDED: Text = { fr: 'Fin', en: 'Over' }

/** What a person reads of an event, and while it is unacknowledged on which road, and what to do: no personal data, since it passes through the systems of others. */
export interface Message {
  /** What has happened: `several` where it is more than one alert. */
  event: AlertEventType | HubEvent['type'] | 'several'
  severity: Severity
  title: Text
  text: Text
  /** Where it is, on a map that a phone opens. */
  map?: string
  /** The page of the alert. */
  link: string
  /** The page that acknowledges it, without login; nothing where there is nothing to acknowledge. */
  acknowledge?: string
  /** Where a voice gateway posts the keys that were pressed, under the same condition. */
  answer?: string
  /** By which an SMS that answers names it, under the same condition. */
  code?: string
  /** The same for every attempt, so that a receiver can tell a repeat. */
  key: string
}

/** @param textOf what is said of an event: to whom no person may be named, `namelessText` */
export function messageOf(notices: Notices, hub: Hub, textOf = eventText): Message {
  const [notice, ...others] = notices
  return others.length > 0 ? digestOf(notices, hub) : singleOf(notice, hub, textOf)
}

function singleOf(notice: Notice, { registry, baseUrl, links }: Hub, textOf: typeof eventText): Message {
  const { event, reminder } = notice
  if (isOfHub(event)) return hubMessage(event, registry, baseUrl())
  const { alert, type } = event
  const { name, road, position } = registry.sites.get(alert.site) ?? { name: alert.site }
  const sign = type === 'resolved' ? ENDED : SEVERITIES[alert.severity]
  const said = reminder > 0 ? reminderText(event, registry) : textOf(event, registry)
  const advice = registry.rules.get(alert.rule)?.advice
  const isOpen = alert.state === 'firing' && !isShelved(alert)
  const joined = (...parts: (string | undefined)[]) => parts.filter(part => part !== undefined).join(' – ')
  return {
    event: type,
    severity: alert.severity,
    title: { fr: joined(sign.fr, name), en: joined(sign.en, name) },
    text: isOpen ? { fr: joined(said.fr, road, advice?.fr), en: joined(said.en, road, advice?.en) } : said,
    ...(position && { map: mapLink(position) }),
    link: `${baseUrl()}/alerts/${alert.id}`,
    ...(isOpen && {
      ...answersOf(links.tokenOf(notice), baseUrl()),
      code: replyCodeOf(alert.id, changesOf(alert)),
    }),
    key: deliveryKey(event, reminder),
  }
}

function answersOf(token: string, base: string) {
  return { acknowledge: `${base}/k/${token}`, answer: `${base}/v1/answers/${token}` }
}

function hubMessage(event: HubEvent, { territory }: Hub['registry'], link: string): Message {
  const about = { event: event.type, link, key: deliveryKey(event) }
  const name = territory.name
  if (event.type === 'test')
    return {
      ...{ ...about, severity: 'info' },
      title: { fr: `Essai – ${name.fr}`, en: `Test – ${name.en}` },
      text: {
        fr: 'Essai quotidien : les alertes arrivent ici. Il n’y a rien à faire.',
        en: 'Daily test: alerts arrive here. There is nothing to do.',
      },
    }
  const channels = event.channels.join(', ')
  return {
    ...{ ...about, severity: 'critical' },
    title: { fr: `Essai manqué – ${name.fr}`, en: `Test failed – ${name.en}` },
    text: {
      fr: `L’essai quotidien n’est pas arrivé : les alertes n’arrivent peut-être pas par ${channels}.`,
      en: `The daily test has not arrived: alerts may not arrive by ${channels}.`,
    },
  }
}

function reminderText({ alert }: AlertEvent, { territory: { timeZone } }: Hub['registry']): Text {
  const since = alert.change?.time ?? alert.firedAt
  return {
    fr: `Rappel, sans prise en charge depuis le ${formatTime(since, timeZone, 'fr')} : ${alert.message.fr}`,
    en: `Reminder, unacknowledged since ${formatTime(since, timeZone, 'en')}: ${alert.message.en}`,
  }
}
