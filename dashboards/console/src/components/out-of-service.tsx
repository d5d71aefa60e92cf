import { useResource } from '../api/resource.ts'
import type { OutOfService } from '../api/types.ts'
import { useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 600_000

/** What tells nothing because somebody works on it: not to be taken for all being well. */
export function OutOfServiceList() {
  const { t, format } = useSpeech()
  const answer = useResource<{ outOfService: OutOfService[] }>('/v1/alerts/out-of-service', REFRESH_MS)
  const entries = answer.data?.outOfService ?? []
  if (!answer.error && entries.length === 0) return null
  return (
    <section class="alert-section">
      <h2>{t.alerts.outOfService}</h2>
      <Notice of={answer} />
      <ul>
        {entries.map(({ id, sites, points, rules, from, to, reason }) => (
          <li key={id}>
            <strong>{[rules, sites, points].flatMap(list => list ?? []).join(', ')}</strong>{' '}
            {t.alerts.outOfServiceSpan(format.moment(from), format.moment(to))} – {reason}
          </li>
        ))}
      </ul>
    </section>
  )
}
