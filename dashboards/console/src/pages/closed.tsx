import { useTitle } from '../components/title.ts'
import { useSpeech } from '../i18n/language.ts'

/** Where reading needs an account and this browser has no session. */
export function ClosedPage() {
  const { t } = useSpeech()
  useTitle(t.closed.title)
  return (
    <main class="main missing">
      <h1>{t.closed.title}</h1>
      <p>{t.closed.why}</p>
      <p>
        {t.closed.how} <code>affluent login-link --reader</code>.
      </p>
      <a class="button" href="/open-data">
        {t.closed.openData}
      </a>
    </main>
  )
}
