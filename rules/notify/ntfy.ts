import type { Severity } from '../../model/alert.ts'
import type { Channel } from '../../registry/schema.ts'
import { namelessText } from '../text.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'
import { request } from './request.ts'

type NtfyParameters = Extract<Channel, { type: 'ntfy' }>

/** 5 rings through the night mode of a phone; 3 is usual. */
const PRIORITIES: Record<Severity, number> = { info: 2, warning: 4, critical: 5 }

const MAP = { fr: 'Carte', en: 'Map' }

/** Publishes to a topic of an ntfy server, in the territory's language. */
export function ntfyChannel({ url, topic, token, timeout }: NtfyParameters, hub: Hub): Send {
  const { language } = hub.registry.territory
  return async (notices, signal) => {
    const { event, severity, title, text, map, link, acknowledge } = messageOf(notices, hub, namelessText)
    const body = JSON.stringify({
      topic,
      title: title[language],
      message: text[language],
      // An end, or that someone has seen to it, wakes nobody.
      priority: ['acknowledged', 'shelved', 'resolved', 'test'].includes(event) ? 2 : PRIORITIES[severity],
      tags: [event, severity],
      click: acknowledge ?? link,
      ...(map && { actions: [{ action: 'view', label: MAP[language], url: map }] }),
    })
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    return request(url, { method: 'POST', headers, body }, { timeout, signal })
  }
}
