import { useResource } from '../api/resource.ts'
import type { RegistryProblem, RegistryStanding as Standing } from '../api/types.ts'
import { useAdministrator } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'

const REFRESH_MS = 30_000

/** For administrators, on every page: that files of the registry were changed and are not in force. */
export function RegistryStanding() {
  const isAdministrator = useAdministrator()
  const answer = useResource<Standing>(isAdministrator ? '/v1/registry' : undefined, REFRESH_MS)
  return <div role="status">{isAdministrator && answer.data && <NotInForce standing={answer.data} />}</div>
}

function NotInForce({ standing: { hash, refused, awaitsRestart, processes } }: { standing: Standing }) {
  const { t, format } = useSpeech()
  const others = processes.filter(({ registry, problem }) => registry !== hash || problem !== null)
  if (!refused && awaitsRestart.length === 0 && others.length === 0) return null
  return (
    <div class="notice notice-registry">
      {refused && (
        <div>
          <p>
            <strong>{t.registry.refused(refused.problems.length)}</strong>{' '}
            {t.registry.since(format.dayTime(refused.time))}
          </p>
          <RegistryProblems problems={refused.problems} />
        </div>
      )}
      {awaitsRestart.length > 0 && <p>{t.registry.awaitsRestart(awaitsRestart.join(', '))}</p>}
      {others.map(({ sender }) => (
        <p key={sender}>{t.registry.otherProcess(sender)}</p>
      ))}
    </div>
  )
}

/** What is wrong, each with its file, line and path. The hub says it in English. */
export function RegistryProblems({ problems }: { problems: readonly RegistryProblem[] }) {
  return (
    <ul class="registry-problems">
      {problems.map(({ file, line, column, path, message }) => (
        <li key={`${file} ${line} ${column} ${path} ${message}`}>
          <code>
            {file}
            {line !== null && `:${line}:${column}`} {path}
          </code>{' '}
          <span lang="en">{message}</span>
        </li>
      ))}
    </ul>
  )
}
