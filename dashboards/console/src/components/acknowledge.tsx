import { useState } from 'preact/hooks'
import { ApiError, post } from '../api/client.ts'
import type { Alert } from '../api/types.ts'
import { useHub, useMayAct } from '../hub.ts'
import type { Dictionary } from '../i18n/fr.ts'
import { useSpeech } from '../i18n/language.ts'

interface AcknowledgeProps {
  alert: Alert
  /** The accessible name, which says what is acknowledged. */
  name: string
  onDone(alert: Alert): void
}

/** Shows an acknowledgement only when the rules have confirmed it. */
export function Acknowledge({ alert, name, onDone }: AcknowledgeProps) {
  const { t } = useSpeech()
  const { session } = useHub()
  const mayAct = useMayAct()
  const [sending, setSending] = useState(false)
  const [explained, setExplained] = useState(false)
  const [problem, setProblem] = useState<string>()

  const acknowledge = async () => {
    if (session.data && !mayAct) return setExplained(true)
    setSending(true)
    setProblem(undefined)
    try {
      onDone((await post<Alert>(`/v1/alerts/${alert.id}/acknowledge`))!)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 401) {
        setExplained(true)
        session.reload()
      } else setProblem(explain(error, t))
    } finally {
      setSending(false)
    }
  }

  return (
    <div class="acknowledge">
      <button
        type="button"
        class="button button-main"
        aria-label={name}
        disabled={sending}
        onClick={() => void acknowledge()}
      >
        {sending ? t.alerts.acknowledging : t.alerts.acknowledge}
      </button>
      <div role="alert">
        {problem && <p class="problem">{problem}</p>}
        {explained && (
          <p class="problem">
            {t.alerts.signIn} {t.alerts.signInHow} <code>affluent token</code>.
          </p>
        )}
      </div>
    </div>
  )
}

function explain(error: ApiError, t: Dictionary): string {
  if (error.status === 0) return t.alerts.noAnswer
  return error.status === 503 ? t.alerts.notAnswered : t.alerts.acknowledgeFailed(error.message)
}
