import type { CrewTexts } from '../i18n/crew/fr.ts'
import type { Action, Outcome } from './action.ts'
import { useSpeech } from './speech.ts'
import type { Outbox } from './use-outbox.ts'

/** How actions ended that did not do what the person wanted; each stays until it was seen. */
export function Notices({ outbox, moving }: { outbox: Outbox; moving: boolean }) {
  const { t } = useSpeech()
  return (
    <div role="status">
      {outbox.actions.map(
        action =>
          action.outcome && (
            <div key={action.id} class="notice">
              <p>{textOf(action, action.outcome, t)}</p>
              {!moving && (
                <button type="button" class="button crew-wide" onClick={() => outbox.dismiss(action)}>
                  {t.seen}
                </button>
              )}
            </div>
          ),
      )}
    </div>
  )
}

function textOf({ what, where }: Action, outcome: Outcome, { outcome: texts }: CrewTexts): string {
  if (outcome.kind === 'taken') return texts.taken(what, where, outcome.by)
  if (outcome.kind === 'refused') return texts.refused(what, where, outcome.detail)
  return texts[outcome.kind](what, where)
}
