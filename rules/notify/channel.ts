import type { Logger } from 'pino'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import { alertmanagerChannel, type Repeater } from './alertmanager.ts'
import { emailChannel } from './email.ts'
import { httpChannel } from './http.ts'
import type { Links } from './links.ts'
import { logChannel } from './log.ts'
import { mqttChannel } from './mqtt.ts'
import type { Notices } from './notice.ts'
import { ntfyChannel } from './ntfy.ts'
import type { Phones } from './phones.ts'
import { pushChannel } from './push.ts'
import { webhookChannel } from './webhook.ts'

/**
 * Carries notices to people and returns the receipt, in words that may be shown; rejects with the reason, which
 * may be shown, too, when they have not arrived.
 */
export type Send = (notices: Notices, signal: AbortSignal) => Promise<string>

/** Trying again would be of no use: nobody can be reached here as things are. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** What a channel knows of the hub. */
export interface Hub {
  registry: Registry
  log: Logger
  links: Links
  phones: Phones
  /** Where people reach the hub, without a slash at the end. */
  baseUrl(): string
}

/** How a channel sends, and what it says again and again: the list of the kinds there are. */
export function carrierOf(
  channel: Channel,
  hub: Hub,
  now: () => number,
): { send: Send; repeater?: Repeater } {
  if (channel.type === 'alertmanager') return alertmanagerChannel(channel, hub, now)
  return { send: sendOf(channel, hub) }
}

function sendOf(channel: Exclude<Channel, { type: 'alertmanager' }>, hub: Hub): Send {
  switch (channel.type) {
    case 'log':
      return logChannel(hub)
    case 'webhook':
      return webhookChannel(channel, hub)
    case 'mqtt':
      return mqttChannel(channel, hub)
    case 'email':
      return emailChannel(channel, hub)
    case 'ntfy':
      return ntfyChannel(channel, hub)
    case 'push':
      return pushChannel(channel, hub)
    case 'http':
      return httpChannel(channel, hub)
  }
}
