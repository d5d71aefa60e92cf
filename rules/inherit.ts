import type { Share } from '../bus/share.ts'
import { type Alert, isLaterState } from '../model/alert.ts'
import type { Announcer } from './announcer.ts'
import { lastEventOf } from './state-machine.ts'

/**
 * Goes on with the alerts of sites that have become ours, as the bus retains them. Their last event is told
 * again, since the one who raised them may have ended before the records had it: who has it knows it by its
 * alert and type.
 *
 * Of the alerts that an earlier life of this process has left, those that the bus retains are treated like all
 * others, in whichever state is the later one. Of the rest the end is told: another process has told it while
 * we were gone, or the alert was never heard of, and that process has raised its own. Only where the broker has
 * forgotten what it was to retain, and the site is ours, do they go on.
 */
export function inherit(parts: {
  share: Pick<Share, 'remembered'>
  announcer: Pick<Announcer, 'retained' | 'add' | 'takeOver'>
  recovered: ReadonlyMap<string, Alert>
  gained(site: string): boolean
  end(alert: Alert, why: string): void
}): void {
  const { share, announcer, recovered, gained, end } = parts
  for (const alert of announcer.retained.values()) {
    if (!gained(alert.site)) continue
    const own = recovered.get(alert.id)
    if (own && !isLaterState(alert, own)) announcer.takeOver([own])
    else announcer.add(lastEventOf(alert))
  }
  for (const alert of recovered.values()) {
    if (announcer.retained.has(alert.id)) continue
    if (gained(alert.site) && !share.remembered) announcer.takeOver([alert])
    else end(alert, 'others have gone on without it')
  }
}
