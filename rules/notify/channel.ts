import type { Logger } from 'pino'
import type { AlertEvent } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import { emailChannel } from './email.ts'
import { httpChannel } from './http.ts'
import { logChannel } from './log.ts'
import { ntfyChannel } from './ntfy.ts'
import { webhookChannel } from './webhook.ts'

/** Carries one event to people; rejects with the reason, which may be shown, when it has not arrived. */
export type Send = (event: AlertEvent, signal: AbortSignal) => Promise<void>

/** What a channel knows of the hub. */
export interface Hub {
  registry: Registry
  log: Logger
  /** Where people reach the hub, without a slash at the end. */
  baseUrl(): string
}

/** How a channel sends: the list of the kinds there are. */
export function sendOf(channel: Channel, hub: Hub): Send {
  switch (channel.type) {
    case 'log':
      return logChannel(hub)
    case 'webhook':
      return webhookChannel(channel, hub)
    case 'email':
      return emailChannel(channel, hub)
    case 'ntfy':
      return ntfyChannel(channel, hub)
    case 'http':
      return httpChannel(channel, hub)
  }
}
