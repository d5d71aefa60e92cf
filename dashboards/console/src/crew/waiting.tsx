import type { Action } from './action.ts'
import { isHeldFor } from './send-queue.ts'
import { useSpeech } from './speech.ts'
import { isUnsent } from './unsent.ts'

interface WaitingProps {
  actions: readonly Action[]
  actor: string | null
  /** Whether anything may be asked now. */
  mayAct: boolean
  /** Of an entry that was not sent yet. */
  onChange(action: Action): void
}

/** What is kept on the phone until it can be sent, with the time at which it was done. */
export function Waiting({ actions, actor, mayAct, onChange }: WaitingProps) {
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
            {mayAct && isChangeable(action, actor) && (
              <button type="button" class="button crew-wide" onClick={() => onChange(action)}>
                {t.own.change}
                <span class="visually-hidden">
                  {action.what}, {format.clock(action.at)}
                </span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function isChangeable(action: Action, actor: string | null): boolean {
  return (
    action.action === 'record' && action.draft !== undefined && isUnsent(action) && action.actor === actor
  )
}
