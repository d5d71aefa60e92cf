import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'

/** Writes the text of an event, in the territory's language, to the log. */
export function logChannel(hub: Hub): Send {
  return async notices => {
    const [notice] = notices
    const {
      channel,
      person,
      event: { alert },
    } = notice
    const { event, severity, text } = messageOf(notices, hub)
    hub.log.warn(
      { channel, ...(person && { person }), alert: alert.id, event, severity },
      text[hub.registry.territory.language],
    )
    return 'logged'
  }
}
