import { createHmac } from 'node:crypto'
import type { Channel } from '../../registry/schema.ts'
import type { Hub, Send } from './channel.ts'
import { type Message, messageOf } from './message.ts'
import { isOfHub, type Notice } from './notice.ts'
import { request } from './request.ts'

type WebhookParameters = Extract<Channel, { type: 'webhook' }>

/** Posts an event as JSON, signed where the channel has a secret. */
export function webhookChannel({ url, timeout, secret }: WebhookParameters, hub: Hub): Send {
  return async (notices, signal) => {
    const message = messageOf(notices, hub)
    const body = JSON.stringify(webhookBody(notices[0], message, hub))
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': message.key,
      ...(secret !== undefined && { 'affluent-signature': signature(secret, body, Date.now()) }),
    }
    return request(url, { method: 'POST', headers, body }, { timeout, signal })
  }
}

/**
 * `t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>">`: the time is signed, too, so that a receiver can
 * refuse what somebody has recorded and sends again.
 */
export function signature(secret: string, body: string, now: number): string {
  const t = Math.floor(now / 1000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}

/** An event as machines read it: what a webhook posts. */
export function webhookBody(notice: Notice, { text, map, link, acknowledge }: Message, { registry }: Hub) {
  const { event } = notice
  if (isOfHub(event))
    return { version: 1, event: event.type, time: new Date(event.time).toISOString(), message: text }
  const { type, time, actor, alert } = event
  return {
    version: 1,
    event: type,
    time: new Date(time).toISOString(),
    actor,
    alert,
    site: { id: alert.site, name: registry.sites.get(alert.site)?.name ?? alert.site },
    message: text,
    reminder: notice.reminder,
    map: map ?? null,
    link,
    acknowledge: acknowledge ?? null,
  }
}
