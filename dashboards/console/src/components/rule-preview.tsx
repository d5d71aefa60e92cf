import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, submit } from '../api/client.ts'
import type { RulePreview, ToldEvent } from '../api/types.ts'
import { DANGERS } from '../i18n/dangers.ts'
import { useSpeech } from '../i18n/language.ts'

const DAYS = [1, 7, 14, 31] as const
const SHOWN = 100

/** What the rule as it is written now would have told of the last days, beside what was told. */
export function RulePreviewPart({ rule, text }: { rule: string | undefined; text: string }) {
  const { t } = useSpeech()
  const [days, setDays] = useState<number>(7)
  const [found, setFound] = useState<{ text: string; preview: RulePreview }>()
  const [problem, setProblem] = useState<string>()
  const running = useRef<AbortController>(undefined)
  const [isRunning, setIsRunning] = useState(false)
  useEffect(() => () => running.current?.abort(), [])

  const preview = async () => {
    running.current?.abort()
    const asking = new AbortController()
    running.current = asking
    setIsRunning(true)
    setProblem(undefined)
    try {
      const body = { text, days, ...(rule !== undefined && { rule }) }
      const { signal } = asking
      setFound({ text, preview: await submit<RulePreview>('POST', '/v1/rules/preview', { body, signal }) })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (!asking.signal.aborted)
        setProblem(error.status === 0 ? t.state.unreachable : t.state.failed(error.message))
    } finally {
      if (running.current === asking) setIsRunning(false)
    }
  }

  return (
    <section class="card rule-preview" aria-labelledby="preview-title">
      <h2 id="preview-title">{t.rules.preview}</h2>
      <p class="soft">{t.rules.previewLead}</p>
      <p class="rule-actions">
        <label>
          {t.rules.span}{' '}
          <select value={days} onChange={event => setDays(Number(event.currentTarget.value))}>
            {DAYS.map(each => (
              <option key={each} value={each}>
                {t.rules.days(each)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" disabled={isRunning} onClick={() => void preview()}>
          {t.rules.previewNow}
        </button>
        {isRunning && (
          <button type="button" class="button" onClick={() => running.current?.abort()}>
            {t.rules.cancel}
          </button>
        )}
      </p>
      <div role="status">
        {isRunning && <p>{t.rules.previewing}</p>}
        {!isRunning && problem && <p class="problem">{problem}</p>}
        {!isRunning && found && (
          <>
            {found.text !== text && <p class="problem">{t.rules.previewOld}</p>}
            <Previewed preview={found.preview} />
          </>
        )}
      </div>
    </section>
  )
}

function Previewed({ preview }: { preview: RulePreview }) {
  const { t } = useSpeech()
  if ('problems' in preview) return <p class="problem">{t.rules.refused(preview.problems.length)}</p>
  const { would, did, points } = preview
  const firings = (events: ToldEvent[]) => events.filter(({ type }) => type === 'fired').length
  return (
    <>
      <p>
        <strong>{t.rules.compared(firings(would), firings(did))}</strong>
      </p>
      {points.done < points.all && <p>{t.rules.inPart(points.done, points.all)}</p>}
      <div class="rule-told">
        <Told title={t.rules.would} events={would} />
        <Told title={t.rules.did} events={did} />
      </div>
    </>
  )
}

function Told({ title, events }: { title: string; events: ToldEvent[] }) {
  const { t, format, language } = useSpeech()
  return (
    <div>
      <h3>{title}</h3>
      {events.length === 0 && <p class="soft">{t.rules.nothing}</p>}
      <ul>
        {events.slice(-SHOWN).map(({ point, type, time, phenomenon, severity }) => (
          <li key={`${point} ${type} ${time}`}>
            <time dateTime={time}>{format.dayTime(time)}</time>{' '}
            {(t.alerts.event as Record<string, string>)[type] ?? type}
            {phenomenon && ` · ${DANGERS[language].phenomenon[phenomenon] ?? phenomenon}`} ·{' '}
            {t.severity[severity]}
            <br />
            <code>{point}</code>
          </li>
        ))}
      </ul>
      {events.length > SHOWN && <p class="soft">{t.rules.onlyNewest(SHOWN, events.length)}</p>}
    </div>
  )
}
