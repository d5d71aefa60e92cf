import { deviceNow } from '../clock.ts'
import type { AlertActionProps } from './action-bar.tsx'
import { nameOf } from './named.ts'
import { useSpeech } from './speech.ts'

/** Says that I go there, which takes the alert over as well, or that I do not after all. */
export function OnMyWay({ placed, waiting, actor, outbox, asSomebody }: AlertActionProps) {
  const speech = useSpeech()
  const { t } = speech
  const { alert } = placed
  const said = waiting.findLast(action => action.action === 'respond' && action.alert === alert.id)
  const isComing =
    said?.action === 'respond'
      ? said.kind === 'on-my-way'
      : (alert.onTheWay ?? []).some(({ by }) => by === actor.last)
  const isTaken =
    alert.state !== 'firing' ||
    waiting.some(action => action.action === 'acknowledge' && action.alert === alert.id)
  const respond = asSomebody(() => {
    const given = {
      ...{ alert: alert.id, ...nameOf(placed, speech) },
      ...{ at: deviceNow(), actor: actor.last ?? null },
    }
    const { change } = alert
    if (!isComing && !isTaken) outbox.add({ action: 'acknowledge', change, ...given })
    outbox.add({ action: 'respond', kind: isComing ? 'turned-back' : 'on-my-way', ...given })
  })
  return (
    <button type="button" class="button" onClick={respond}>
      {isComing ? t.turnBack : t.onMyWay}
    </button>
  )
}
