import { randomUUID } from 'node:crypto'
import { fill, type Placeholder } from '../../registry/channel-schema.ts'
import type { Channel, Text } from '../../registry/schema.ts'
import { cutText } from '../text.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'
import { request } from './request.ts'

type HttpParameters = Extract<Channel, { type: 'http' }>
type Values = Record<Placeholder, string>
type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

const REPLY: Text = { fr: 'Répondre OK', en: 'Reply OK' }

/** Asks an HTTP gateway of SMS or voice to tell an event, in the territory's language, in words of its own API. */
export function httpChannel(parameters: HttpParameters, hub: Hub): Send {
  const { language } = hub.registry.territory
  return async (notices, signal) => {
    const { event, severity, title, text, map, link, acknowledge, answer, code, key } = messageOf(
      notices,
      hub,
    )
    const values = {
      text: text[language],
      title: title[language],
      severity,
      event,
      alert: key,
      link,
      acknowledge: acknowledge ?? link,
      answer: answer ?? '',
      reply: code && parameters.replies ? `${REPLY[language]} ${code}` : '',
      map: map ?? '',
    }
    return ask(parameters, values, signal)
  }
}

/**
 * Tells the phone of a channel, once, something that is no event of an alert.
 * @throws Error with the reason, which may be shown
 */
export async function tellText(
  parameters: HttpParameters,
  { text, link }: Pick<Values, 'text' | 'link'>,
): Promise<void> {
  const nothing = { title: '', answer: '', reply: '', map: '' }
  const about = { severity: 'info', event: 'reply', alert: `reply/${randomUUID()}` }
  const signal = AbortSignal.timeout(parameters.timeout)
  await ask(parameters, { ...nothing, ...about, text, link, acknowledge: link }, signal)
}

function ask(parameters: HttpParameters, said: Omit<Values, 'number'>, signal: AbortSignal): Promise<string> {
  const { url, method, headers, timeout, longest, number = '' } = parameters
  const values: Values = { ...said, text: cutText(said.text, longest), number }
  const body = bodyOf(parameters, values)
  // A header takes Latin-1 on one line.
  const own = Object.entries(headers).map(([name, value]) => [name, fill(value, values, encodeURIComponent)])
  const init = {
    method,
    headers: { ...body?.headers, ...Object.fromEntries(own) },
    ...(body && { body: body.text }),
  }
  return request(fill(url, values, encodeURIComponent), init, { timeout, signal })
}

function bodyOf({ body, format }: HttpParameters, values: Values) {
  if (body === undefined) return undefined
  if (typeof body === 'string')
    return { headers: { 'content-type': 'text/plain; charset=utf-8' }, text: fill(body, values) }
  const filled = fillAll(body as Json, values) as Record<string, Json>
  if (format === 'json')
    return { headers: { 'content-type': 'application/json' }, text: JSON.stringify(filled) }
  const form = Object.entries(filled).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    text: new URLSearchParams(form).toString(),
  }
}

function fillAll(value: Json, values: Values): Json {
  if (typeof value === 'string') return fill(value, values, value.startsWith('<') ? asXml : undefined)
  if (Array.isArray(value)) return value.map(each => fillAll(each, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillAll(each, values)]))
}

/** A gateway of voice takes what it is to say as XML. */
function asXml(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
