import { type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import { eventText } from '../text.ts'
import type { Send } from './channel.ts'

type WebhookParameters = Extract<Channel, { type: 'webhook' }>

/**
 * Posts an event as JSON. Arrived is what was answered with 2xx within the channel's time-out; a redirect is a
 * refusal. The URL may hold a secret: it appears in no error.
 */
export function webhookChannel({ url, timeout }: WebhookParameters, registry: Registry): Send {
  return async (event, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': deliveryKey(event) },
      body: JSON.stringify(webhookBody(event, registry)),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    }).catch(error => {
      throw new Error(reasonOf(error))
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`answered with status ${response.status}`)
  }
}

/** The same for every attempt of one event, so that a receiver can tell a repeat. */
function deliveryKey(event: AlertEvent): string {
  return `${event.alert.id}/${eventKey(event)}`
}

function webhookBody(event: AlertEvent, registry: Registry) {
  const { type, time, actor, alert } = event
  return {
    version: 1,
    event: type,
    time: new Date(time).toISOString(),
    actor,
    alert,
    site: { id: alert.site, name: registry.sites.get(alert.site)?.name ?? alert.site },
    message: eventText(event, registry),
  }
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as Error & { cause?: { code?: string } }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? name
}
