import type { Logger } from 'pino'
import type { AlertEvent } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import { logChannel } from './log.ts'
import { webhookChannel } from './webhook.ts'

/** Carries one event to people; rejects with the reason, which may be shown, when it has not arrived. */
export type Send = (event: AlertEvent, signal: AbortSignal) => Promise<void>

/** How a channel sends: the list of the kinds there are. */
export function sendOf(channel: Channel, registry: Registry, log: Logger): Send {
  switch (channel.type) {
    case 'log':
      return logChannel(registry, log)
    case 'webhook':
      return webhookChannel(channel, registry)
  }
}
