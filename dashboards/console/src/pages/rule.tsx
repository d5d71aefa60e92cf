import { useResource } from '../api/resource.ts'
import type { WrittenRule } from '../api/types.ts'
import { Icon } from '../components/icons.tsx'
import { Notice } from '../components/notice.tsx'
import { RuleEditor } from '../components/rule-editor.tsx'
import { useTitle } from '../components/title.ts'
import { useAdministrator } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { MissingPage } from './missing.tsx'

/** One rule as it is written in the registry, to be tried and changed; without an id, a new one. */
export function RulePage({ id }: { id: string | undefined }) {
  const { t } = useSpeech()
  const isAdministrator = useAdministrator()
  const path = id !== undefined && isAdministrator ? `/v1/rules/${encodeURIComponent(id)}` : undefined
  const answer = useResource<WrittenRule>(path)
  useTitle(id ?? t.rules.add)
  // While a file is written it may be half there.
  const isMissing = answer.error?.status === 404 || answer.error?.status === 400
  if (isMissing && !answer.data) return <MissingPage text={t.rules.notFound} />
  return (
    <>
      <p class="crumbs">
        <a href="/rules">
          <Icon name="back" /> {t.rules.title}
        </a>
      </p>
      <div class="page-head">
        <h1>{id ?? t.rules.add}</h1>
      </div>
      {!isAdministrator && <p>{t.rules.signIn}</p>}
      {path && <Notice of={answer} />}
      {isAdministrator && (id === undefined || answer.data) && (
        <RuleEditor rule={answer.data} onReload={answer.reload} />
      )}
    </>
  )
}
