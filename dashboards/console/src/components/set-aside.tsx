import { useResource } from '../api/resource.ts'
import type { Quarantine } from '../api/types.ts'
import { useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 60_000
const SHOWN = 5

/** What could not be stored, by kind, sender and reason: for whoever has a session. */
export function SetAside() {
  const { t, format } = useSpeech()
  const answer = useResource<Quarantine>('/v1/quarantine?released=false&limit=1', REFRESH_MS)
  const groups = answer.data?.groups ?? []
  return (
    <section class="card gateways" aria-labelledby="set-aside-title">
      <h2 id="set-aside-title">{t.setAside.title}</h2>
      <Notice of={answer} />
      {answer.data && groups.length === 0 && <p class="soft">{t.setAside.none}</p>}
      <ul>
        {groups.slice(0, SHOWN).map(({ kind, sender, reason, items, to }) => (
          <li key={`${kind} ${sender} ${reason}`}>
            <p>
              <strong>{t.setAside.kinds[kind](items)}</strong> · {sender} · {format.dayTime(to)}
            </p>
            <p class="soft" lang="en">
              {reason}
            </p>
          </li>
        ))}
      </ul>
      {groups.length > SHOWN && <p class="soft">{t.setAside.more(groups.length - SHOWN)}</p>}
      {groups.length > 0 && <p class="soft">{t.setAside.advice}</p>}
    </section>
  )
}
