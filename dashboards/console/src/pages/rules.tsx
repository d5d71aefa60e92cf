import { useResource } from '../api/resource.ts'
import type { RuleLine } from '../api/types.ts'
import { SeverityIcon } from '../components/icons.tsx'
import { Notice } from '../components/notice.tsx'
import { useTitle } from '../components/title.ts'
import { useAdministrator, useHub, useLiveEvent, useReconnect } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { NEW_RULE } from '../route.ts'

const REFRESH_MS = 60_000

/** The rules in force, each with how it stands. */
export function RulesPage() {
  const { t } = useSpeech()
  const { live } = useHub()
  const isAdministrator = useAdministrator()
  const answer = useResource<{ rules: RuleLine[] }>('/v1/rules', REFRESH_MS)
  useLiveEvent(live, 'alert', answer.reload)
  useReconnect(live, answer.reload)
  useTitle(t.rules.title)
  return (
    <>
      <div class="page-head">
        <h1>{t.rules.title}</h1>
        <p class="lead">{t.rules.lead}</p>
        {isAdministrator ? (
          <p>
            <a class="button" href={NEW_RULE}>
              {t.rules.add}
            </a>
          </p>
        ) : (
          <p class="soft">{t.rules.signIn}</p>
        )}
      </div>
      <Notice of={answer} />
      <ul class="rule-list">
        {answer.data?.rules.map(rule => (
          <RuleItem key={rule.id} rule={rule} />
        ))}
      </ul>
    </>
  )
}

function RuleItem({ rule }: { rule: RuleLine }) {
  const { t, say } = useSpeech()
  const isAdministrator = useAdministrator()
  const { id, condition, severity, points, active, shelved, outOfService } = rule
  return (
    <li class={`card rule tone-${severity}`}>
      <h2>{isAdministrator ? <a href={`/rules/${id}`}>{say(rule.name)}</a> : say(rule.name)}</h2>
      <p>
        <SeverityIcon severity={severity} /> {t.severity[severity]} · <code>{condition}</code> ·{' '}
        {t.rules.points(points)}
      </p>
      <p class="soft">
        {[
          t.rules.active(active),
          ...(shelved > 0 ? [t.rules.shelved(shelved)] : []),
          ...(outOfService ? [t.rules.outOfService] : []),
        ].join(' · ')}
      </p>
    </li>
  )
}
