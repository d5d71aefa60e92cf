import type { Logger } from 'pino'
import type { Registry } from '../../registry/registry.ts'
import { eventText } from '../text.ts'
import type { Send } from './channel.ts'

/** Writes the text of an event, in the territory's language, to the log. */
export function logChannel(registry: Registry, log: Logger): Send {
  return async event => {
    const { id, severity } = event.alert
    log.warn(
      { alert: id, event: event.type, severity },
      eventText(event, registry)[registry.territory.language],
    )
  }
}
