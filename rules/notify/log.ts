import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'

/** Writes the text of an event, in the territory's language, to the log. */
export function logChannel(hub: Hub): Send {
  return async notices => {
    const [notice] = notices
    const { event, channel, person } = notice
    const { type, alert } = event
    const { text } = messageOf(notices, hub)
    hub.log.warn(
      { channel, ...(person && { person }), alert: alert.id, event: type, severity: alert.severity },
      text[hub.registry.territory.language],
    )
    return 'logged'
  }
}
