import { eventText } from '../text.ts'
import type { Hub, Send } from './channel.ts'

/** Writes the text of an event, in the territory's language, to the log. */
export function logChannel({ registry, log }: Hub): Send {
  return async event => {
    const { id, severity } = event.alert
    log.warn(
      { alert: id, event: event.type, severity },
      eventText(event, registry)[registry.territory.language],
    )
  }
}
