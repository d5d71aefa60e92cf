import type { Circuit } from '../api/types.ts'
import type { Action } from './action.ts'
import { wordsOf } from './entry-words.ts'
import type { OwnEntry } from './own-entries.ts'
import { useSpeech } from './speech.ts'

interface OwnEntriesProps {
  entries: readonly OwnEntry[]
  circuits: readonly Circuit[]
  waiting: readonly Action[]
  /** Whether anything may be asked now. */
  mayAct: boolean
  onCorrect(entry: OwnEntry): void
}

/** What the person has noted and may put right. */
export function OwnEntriesList({ entries, circuits, waiting, mayAct, onCorrect }: OwnEntriesProps) {
  const speech = useSpeech()
  const { t } = speech
  if (entries.length === 0) return null
  const isWaiting = ({ id }: OwnEntry) =>
    waiting.some(action => action.action === 'record' && action.noted.corrects === id)
  return (
    <section class="crew-own" aria-labelledby="own-entries">
      <h2 id="own-entries">{t.own.title}</h2>
      <ul>
        {entries.map(entry => {
          const words = wordsOf(entry.fact, circuits, speech)
          return (
            <li key={entry.id}>
              <p>{words}</p>
              {isWaiting(entry) && <p class="soft">{t.own.waiting}</p>}
              {mayAct && !isWaiting(entry) && (
                <button type="button" class="button crew-wide" onClick={() => onCorrect(entry)}>
                  {t.own.correct}
                  <span class="visually-hidden">{words}</span>
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
