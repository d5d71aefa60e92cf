import type { Action } from './queue.ts'
import { isHeldFor } from './send-queue.ts'
import { useSpeech } from './speech.ts'

/** What is kept on the phone until it can be sent, with the time at which it was done. */
export function Waiting({ actions, actor }: { actions: readonly Action[]; actor: string | null }) {
  const { t, format } = useSpeech()
  if (actions.length === 0) return null
  return (
    <section class="crew-waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t.waitingTitle(actions.length)}</h2>
      <ul>
        {actions.map(action => (
          <li key={action.id}>
            {format.clock(action.at)} · {t.actions[action.action === 'respond' ? action.kind : action.action]}
            {' · '}
            {action.what}, {action.where}
            {actor && isHeldFor(action, actor) && ` · ${t.heldFor(action.actor ?? '?')}`}
          </li>
        ))}
      </ul>
    </section>
  )
}
