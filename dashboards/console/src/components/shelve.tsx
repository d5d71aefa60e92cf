import { useState } from 'preact/hooks'
import { ApiError, post } from '../api/client.ts'
import type { Alert } from '../api/types.ts'
import { useMayAct } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'

const HOURS = [1, 4, 12, 24] as const
const HOUR_MS = 3_600_000
/** The clocks of browser and hub may differ by so much, and the hub takes a day at most. */
const LEEWAY_MS = 60_000

/** For whoever may act: an alert is told to nobody until an end, or again before it. */
export function Shelve({ alert, onDone }: { alert: Alert; onDone(alert: Alert): void }) {
  const { t, format } = useSpeech()
  const mayAct = useMayAct()
  const [hours, setHours] = useState<number>(HOURS[0])
  const [reason, setReason] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<string>()
  if (!mayAct) return null

  const ask = async (path: string, body?: object) => {
    setSending(true)
    setProblem(undefined)
    try {
      onDone((await post<Alert>(`/v1/alerts/${alert.id}/${path}`, body))!)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.status === 0 ? t.alerts.noAnswer : t.alerts.shelveFailed(error.message))
    } finally {
      setSending(false)
    }
  }
  const shelve = (event: Event) => {
    event.preventDefault()
    const until = new Date(Date.now() + hours * HOUR_MS - LEEWAY_MS).toISOString()
    void ask('shelve', { until, ...(reason.trim() && { reason: reason.trim() }) })
  }

  return (
    <section class="card shelve">
      <h2>{t.alerts.shelving}</h2>
      {alert.shelved ? (
        <>
          <p>
            {t.alerts.shelvedBy(alert.shelved.by, format.moment(alert.shelved.until))}
            {alert.shelved.reason && ` – ${alert.shelved.reason}`}
          </p>
          <button type="button" class="button" disabled={sending} onClick={() => void ask('unshelve')}>
            {t.alerts.unshelve}
          </button>
        </>
      ) : (
        <form onSubmit={shelve}>
          <p class="soft">{t.alerts.shelveHint}</p>
          <label>
            {t.alerts.shelveFor}{' '}
            <select value={hours} onChange={event => setHours(Number(event.currentTarget.value))}>
              {HOURS.map(each => (
                <option key={each} value={each}>
                  {each} h
                </option>
              ))}
            </select>
          </label>{' '}
          <label>
            {t.alerts.shelveReason}{' '}
            <input maxLength={200} value={reason} onInput={event => setReason(event.currentTarget.value)} />
          </label>{' '}
          <button type="submit" class="button" disabled={sending}>
            {t.alerts.shelve}
          </button>
        </form>
      )}
      <div role="alert">{problem && <p class="problem">{problem}</p>}</div>
    </section>
  )
}
