import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, submit } from '../api/client.ts'
import type { CheckedRule, FailedCase, RuleProblem, SavedRule, WrittenRule } from '../api/types.ts'
import { useSpeech } from '../i18n/language.ts'
import { goTo } from '../route.ts'
import { RulePreviewPart } from './rule-preview.tsx'

/** So long after the last key what was written is checked. */
const CHECK_AFTER_MS = 400

const TEMPLATE = `id: my-rule
name: { fr: Ma règle, en: My rule }
select: { quantity: indoor-temperature }
condition: { type: threshold, above: 30, hysteresis: 1 }
onDelay: 10min
offDelay: 10min
severity: warning
`

/** What the hub says of what is written, while it is written. */
function useCheck(rule: string | undefined, text: string): CheckedRule | undefined {
  const [found, setFound] = useState<{ text: string; checked: CheckedRule }>()
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const body = { text, ...(rule !== undefined && { rule }) }
        const checked = await submit<CheckedRule>('POST', '/v1/rules/check', { body, signal: leaving.signal })
        if (!leaving.signal.aborted) setFound({ text, checked })
      } catch (error) {
        // Whether it is good is said again when it is saved.
        if (!(error instanceof ApiError)) throw error
      }
    }, CHECK_AFTER_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [rule, text])
  return found?.text === text ? found.checked : undefined
}

/** For administrators: a rule as text, with what is wrong with it, what it would have told, and what it changes. */
export function RuleEditor({ rule, onReload }: { rule: WrittenRule | undefined; onReload(): void }) {
  const { t } = useSpeech()
  const [text, setText] = useState(rule?.text ?? TEMPLATE)
  const [sending, setSending] = useState(false)
  const [said, setSaid] = useState<string>()
  const [failed, setFailed] = useState<FailedCase[]>([])
  const [refused, setRefused] = useState<RuleProblem[]>([])
  const [removing, setRemoving] = useState(false)
  /** Of the file that the text is a change of: what others do to it meanwhile is not to be overwritten. */
  const [seen, setSeen] = useState(rule?.hash)
  /** What was read of the rule when it was asked to be read again. */
  const [awaited, setAwaited] = useState<WrittenRule>()
  const area = useRef<HTMLTextAreaElement>(null)
  const checked = useCheck(rule?.id, text)
  const locked = rule?.locked ?? null

  const send = async (method: 'POST' | 'PUT' | 'DELETE', allTheSame = false) => {
    setSending(true)
    setSaid(undefined)
    setRefused([])
    try {
      const path = rule ? `/v1/rules/${rule.id}` : '/v1/rules'
      const body = { ...(method !== 'DELETE' && { text }), ...(allTheSame && { despiteCases: true }) }
      const answer = await submit<SavedRule>(method, path, {
        body,
        ...(seen !== undefined && { hash: seen }),
      })
      if ('problems' in answer) {
        setFailed(answer.failedCases)
        setRemoving(method === 'DELETE' && answer.failedCases.length > 0)
        // Of what is written the mistakes are shown already.
        setRefused(method === 'DELETE' ? answer.problems : [])
        return setSaid(answer.problems.length > 0 ? t.rules.refused(answer.problems.length) : undefined)
      }
      if (method === 'DELETE') return goTo('/rules')
      setFailed([])
      setSaid(t.rules.saved)
      setSeen(answer.hash)
      if (rule?.id === answer.id) onReload()
      else goTo(`/rules/${answer.id}`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 409) setSaid(t.rules.changedMeanwhile)
      else setSaid(error.status === 0 ? t.state.unreachable : t.state.failed(error.message))
    } finally {
      setSending(false)
    }
  }
  /** What was written is given up for what the file says. */
  const readAgain = () => {
    setSaid(undefined)
    setAwaited(rule)
    onReload()
  }
  useEffect(() => {
    if (awaited === undefined || !rule || rule === awaited) return
    setAwaited(undefined)
    setText(rule.text)
    setSeen(rule.hash)
  }, [awaited, rule])
  const goToLine = (line: number) => {
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    area.current?.focus()
    area.current?.setSelectionRange(start, start)
  }

  return (
    <>
      {rule && (
        <p class="soft">
          <code>
            {rule.file}:{rule.line}
          </code>
        </p>
      )}
      {locked && <p class="notice">{t.rules.locked[locked]}</p>}
      <form
        class="rule-editor"
        onSubmit={event => {
          event.preventDefault()
          void send(rule ? 'PUT' : 'POST')
        }}
      >
        <label for="rule-text">{t.rules.text}</label>
        <textarea
          id="rule-text"
          ref={area}
          spellcheck={false}
          rows={Math.min(30, Math.max(10, text.split('\n').length + 1))}
          value={text}
          aria-describedby="rule-checked"
          aria-invalid={checked !== undefined && checked.problems.length > 0}
          onInput={event => setText(event.currentTarget.value)}
        />
        <div id="rule-checked" aria-live="polite">
          <Checked checked={checked} onLine={goToLine} />
        </div>
        <div class="rule-actions">
          {!locked && (
            <button type="submit" class="button button-main" disabled={sending}>
              {sending ? t.rules.saving : t.rules.save}
            </button>
          )}
          {locked && (
            <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(text)}>
              {t.rules.copy}
            </button>
          )}
          {rule && !locked && (
            <button type="button" class="button" disabled={sending} onClick={() => setRemoving(true)}>
              {t.rules.remove}
            </button>
          )}
          {said === t.rules.changedMeanwhile && (
            <button type="button" class="button" onClick={readAgain}>
              {t.rules.readAgain}
            </button>
          )}
        </div>
        {removing && failed.length === 0 && (
          <div class="notice" role="alert">
            <p>{t.rules.removeEffects(rule!.active)}</p>
            <button type="button" class="button" onClick={() => void send('DELETE')}>
              {t.rules.removeNow}
            </button>
            <button type="button" class="button" onClick={() => setRemoving(false)}>
              {t.rules.keep}
            </button>
          </div>
        )}
        <div role="alert">
          {said && <p class="problem">{said}</p>}
          {refused.length > 0 && <Problems problems={refused} onLine={goToLine} />}
          {failed.length > 0 && (
            <FailedCases
              cases={failed}
              onAllTheSame={() => void send(removing ? 'DELETE' : rule ? 'PUT' : 'POST', true)}
            />
          )}
        </div>
      </form>
      <RulePreviewPart rule={rule?.id} text={text} />
    </>
  )
}

function Checked({ checked, onLine }: { checked: CheckedRule | undefined; onLine(line: number): void }) {
  const { t } = useSpeech()
  if (!checked) return <p class="soft">{t.rules.checking}</p>
  const { problems, effects } = checked
  if (problems.length > 0) return <Problems problems={problems} onLine={onLine} />
  return (
    <p class="soft">
      {t.rules.good}{' '}
      {effects && t.rules.effects(effects.points.length, effects.alertsKept, effects.alertsEnded)}
    </p>
  )
}

function Problems({ problems, onLine }: { problems: RuleProblem[]; onLine(line: number): void }) {
  const { t, say } = useSpeech()
  return (
    <>
      <p>
        <strong>{t.rules.wrong(problems.length)}</strong>
      </p>
      <ul class="registry-problems">
        {problems.map(problem => (
          <li key={JSON.stringify(problem)}>
            {problem.file === null && problem.line !== null ? (
              <button type="button" class="link" onClick={() => onLine(problem.line!)}>
                {t.rules.line(problem.line)}
              </button>
            ) : (
              <code>
                {problem.file}:{problem.line}
              </code>
            )}{' '}
            <code>{problem.path}</code> {say(problem.message)}
          </li>
        ))}
      </ul>
    </>
  )
}

function FailedCases({ cases, onAllTheSame }: { cases: FailedCase[]; onAllTheSame(): void }) {
  const { t } = useSpeech()
  return (
    <div class="notice notice-registry">
      <p>
        <strong>{t.rules.failedCases(cases.length)}</strong>
      </p>
      <ul class="registry-problems">
        {cases.map(({ place, name, expected, told }) => (
          <li key={place}>
            <p>
              {name} <code>{place}</code>
            </p>
            <p>
              {t.rules.expected} <code>{expected.join(', ') || '–'}</code>
            </p>
            <p>
              {t.rules.told} <code>{told.join(', ') || '–'}</code>
            </p>
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={onAllTheSame}>
        {t.rules.allTheSame}
      </button>
    </div>
  )
}
