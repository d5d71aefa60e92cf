import type { AlertEvent } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'
import type { AlertResponse } from '../../model/response.ts'
import { factOf, type WinterEntry } from '../../model/winter-service.ts'

/**
 * Under which senders notifications, the entries of the winter service and the responses of crews stand among the
 * events: they share one chain.
 */
export const NOTIFY = 'notify'
export const WINTER = 'winter'
export const CREW = 'crew'

/** What a row is looked up by. The seal does not cover it: it has to be what the event says. */
interface Lookup {
  /** The alert; of an entry of the winter service the one that it corrects, or itself. */
  alert: string
  /** ms UTC */
  time: number
}

export function keptUnder(sender: string, event: string): Lookup {
  const parsed: unknown = JSON.parse(event)
  if (sender === NOTIFY || sender === CREW) {
    const { alert, time } = parsed as Notification | AlertResponse
    return { alert, time }
  }
  if (sender === WINTER) return winterLookup(parsed as WinterEntry)
  const { alert, time } = parsed as AlertEvent
  return { alert: alert.id, time }
}

/** A correction is found in the night that it puts something into. */
function winterLookup(entry: WinterEntry): Lookup {
  return {
    alert: entry.kind === 'correction' ? entry.corrects : entry.id,
    time: factOf(entry)?.time ?? entry.time,
  }
}
