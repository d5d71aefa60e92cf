import { type Alert, SEVERITIES, type Severity } from '../../model/alert.ts'
import { mapLink } from '../../model/map-link.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { Channel } from '../../registry/schema.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'
import { isOfHub, type Notice } from './notice.ts'
import { request } from './request.ts'

type AlertmanagerParameters = Extract<Channel, { type: 'alertmanager' }>

/** `postableAlert` of the API of Alertmanager, version 2. */
interface PostableAlert {
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt?: string
  endsAt: string
  generatorURL: string
}

/** What a channel says again and again of what is live, so that its other side does not forget it. */
export interface Repeater {
  /** ms */
  every: number
  /** Says that these are live, and no other is said at the same time. */
  repeat(alerts: () => readonly Alert[], signal: AbortSignal): Promise<void>
}

/**
 * So long an alert lasts there without us. Far more than until it is said again: a hub that is away must not pass for
 * a danger that is over.
 */
const VALID_MS = HOUR_MS
/** Of the daily test. */
const TEST_MS = 5 * MINUTE_MS

/** Keeps an Alertmanager told of what is live; its own routes lead on to people. */
export function alertmanagerChannel(
  parameters: AlertmanagerParameters,
  hub: Hub,
  now: () => number,
): { send: Send; repeater: Repeater } {
  const { user, password, token, timeout, labels, resendEvery } = parameters
  const { territory } = hub.registry
  const url = `${parameters.url.replace(/\/$/, '')}/api/v2/alerts`
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : user !== undefined && `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  // What was true before must not arrive after what is true now.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work)
    last = turn
    return turn
  }
  const post = (alerts: readonly PostableAlert[], signal: AbortSignal) =>
    request(url, { method: 'POST', headers, body: JSON.stringify(alerts) }, { timeout, signal })

  /** @param severity that it has, or had: it is a label, so that routes of Alertmanager can go by it */
  function postable(alert: Alert, endsAt: number, severity: Severity = alert.severity): PostableAlert {
    const site = hub.registry.sites.get(alert.site)
    const { language } = territory
    return {
      labels: {
        ...labels,
        ...{ alertname: alert.rule, severity, territory: territory.id },
        ...{ site: alert.site, point: alert.point, alert: alert.id },
      },
      annotations: {
        ...{ summary: alert.message[language], message_fr: alert.message.fr, message_en: alert.message.en },
        ...{ site_name: site?.name ?? alert.site, state: alert.state },
        ...(alert.phenomenon !== undefined && { phenomenon: alert.phenomenon }),
        ...(site?.road !== undefined && { road: site.road }),
        ...(site?.position && { map: mapLink(site.position) }),
      },
      startsAt: new Date(alert.firedAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      generatorURL: `${hub.baseUrl()}/alerts/${alert.id}`,
    }
  }

  /** An alert; where its severity is another one than before, the end of what it was. */
  function postableOf(notice: Notice): PostableAlert[] {
    const { event } = notice
    if (isOfHub(event)) return [ofHub(notice)]
    const { alert, type, time } = event
    const isOver = alert.state === 'resolved'
    const current = postable(alert, isOver ? (alert.resolvedAt ?? time) : now() + VALID_MS)
    if (type !== 'worsened' && type !== 'changed') return [current]
    const others = SEVERITIES.filter(severity => severity !== alert.severity)
    return [current, ...others.map(severity => postable(alert, time, severity))]
  }

  function ofHub(notice: Notice): PostableAlert {
    const { text, severity, event, link } = messageOf([notice], hub)
    return {
      labels: { ...labels, alertname: `affluent-${event}`, severity, territory: territory.id },
      annotations: { summary: text[territory.language], message_fr: text.fr, message_en: text.en },
      endsAt: new Date(now() + TEST_MS).toISOString(),
      generatorURL: link,
    }
  }

  return {
    send: (notices, signal) => inTurn(() => post(notices.flatMap(postableOf), signal)),
    repeater: {
      every: resendEvery,
      async repeat(alerts, signal) {
        await inTurn(async () => {
          const live = alerts().map(alert => postable(alert, now() + VALID_MS))
          if (live.length > 0) await post(live, signal)
        })
      },
    },
  }
}
