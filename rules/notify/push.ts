import { createHash } from 'node:crypto'
import { addressOfUrl, isLoopback } from '../../model/address.ts'
import { type AlertEvent, isShelved } from '../../model/alert.ts'
import type { PushSubscription } from '../../model/push-subscription.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel, Text } from '../../registry/schema.ts'
import { cutText, namelessText } from '../text.ts'
import { type Hub, type Send, Unreachable } from './channel.ts'
import { messageOf } from './message.ts'
import { isOfHub, type Notice, type Notices } from './notice.ts'
import { postToBrowser } from './push-request.ts'

type PushParameters = Extract<Channel, { type: 'push' }>

/** What a push says: nothing of any person, though only the phone can read it. */
export interface PushContent {
  place: string
  what: string
  /** What to do, under the same condition as `since`. */
  advice?: string
  /** Of what is still to be answered, ms UTC: without it, the phone makes no noise. */
  since?: number
  /** Where it is one alert. */
  alert?: string
}

/** What a phone shows of it at once; and with what else there is in it, a push must fit into 4,096 bytes (RFC 8291). */
const LONGEST = 400
/** RFC 8030: how long its push service keeps what a phone cannot take. News of yesterday sends nobody on the road. */
const TTL_S = DAY_MS / 1000
const GONE = [404, 410]

/** Tells an event to every phone that those whom the channel is for have subscribed. */
export function pushChannel({ id, timeout }: PushParameters, hub: Hub): Send {
  const { phones, registry, log, baseUrl } = hub
  const subject = `mailto:${registry.territory.publisher.email}`
  const vapidDetails = { subject, publicKey: phones.publicKey, privateKey: phones.privateKey }

  return async (notices, signal) => {
    // Loaded where somebody has a phone.
    const { default: webPush } = await import('web-push')
    const subscribed = phones.peopleOf(id).flatMap(phones.of)
    const content = pushContent(notices, hub)
    const options = {
      ...({ vapidDetails, TTL: TTL_S, urgency: content.since === undefined ? 'normal' : 'high' } as const),
      // The newest of an alert takes the place of what the phone has not been given yet.
      ...(content.alert !== undefined && { topic: topicOf(content.alert) }),
    }
    const onOwnMachine = isLoopback(addressOfUrl(baseUrl()).host)

    async function tell(phone: PushSubscription): Promise<'told' | 'ended'> {
      const { endpoint, p256dh, auth } = phone
      const keys = { endpoint, keys: { p256dh, auth } }
      const asked = webPush.generateRequestDetails(keys, JSON.stringify(content), options)
      const init = { headers: asked.headers, body: asked.body as Buffer }
      const status = await postToBrowser(endpoint, init, { timeout, signal, onOwnMachine })
      if (status >= 200 && status < 300) return 'told'
      if (!GONE.includes(status)) throw new Error(`answered with status ${status}`)
      phones.end(phone)
      log.info({ channel: id, person: phone.person, status }, 'the subscription of a phone has ended')
      return 'ended'
    }

    const outcomes = await Promise.allSettled(subscribed.map(tell))
    const told = outcomes.filter(each => each.status === 'fulfilled' && each.value === 'told').length
    if (told > 0) return `accepted for ${told} of ${subscribed.length} phones`
    const failed = outcomes.find(each => each.status === 'rejected')
    if (failed) throw failed.reason
    throw new Unreachable(subscribed.length > 0 ? 'every subscription has ended' : 'no phone is subscribed')
  }
}

/** What several alerts are told by leads to all of them. */
export function pushContent(notices: Notices, hub: Hub): PushContent {
  const { registry } = hub
  const { language } = registry.territory
  const [notice] = notices
  const { event } = notice
  if (notices.length > 1) {
    const { title, text } = messageOf(notices, hub)
    const open = notices.flatMap(each => sinceOf(each) ?? [])
    return content(title[language], text[language], open.length > 0 ? Math.min(...open) : undefined)
  }
  if (isOfHub(event)) {
    const { title, text } = messageOf(notices, hub)
    return content(title[language], text[language], sinceOf(notice))
  }
  const { name, road } = registry.sites.get(event.alert.site) ?? { name: event.alert.site }
  const place = road === undefined ? name : `${name}, ${road}`
  const { id, rule } = event.alert
  const since = sinceOf(notice)
  const advice = registry.rules.get(rule)?.advice?.[language]
  return {
    ...content(place, whatOf(event, notice.reminder, registry)[language], since),
    ...(since !== undefined && advice !== undefined && { advice: cutText(advice, LONGEST) }),
    alert: id,
  }
}

function content(place: string, what: string, since: number | undefined): PushContent {
  return {
    ...{ place: cutText(place, LONGEST), what: cutText(what, LONGEST) },
    ...(since !== undefined && { since }),
  }
}

function whatOf(event: AlertEvent, reminder: number, registry: Registry): Text {
  const { fr, en } = event.alert.message
  return reminder > 0 ? { fr: `Rappel – ${fr}`, en: `Reminder – ${en}` } : namelessText(event, registry)
}

function sinceOf({ event }: Notice): number | undefined {
  if (isOfHub(event)) return event.type === 'test' ? undefined : event.time
  const { alert } = event
  return alert.state === 'firing' && !isShelved(alert) ? (alert.change?.time ?? alert.firedAt) : undefined
}

/** At most 32 characters of base64url (RFC 8030), which say nothing to the push service. */
function topicOf(alert: string): string {
  return createHash('sha256').update(alert).digest('base64url').slice(0, 32)
}
