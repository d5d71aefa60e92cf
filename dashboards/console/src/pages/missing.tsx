import { useTitle } from '../components/title.ts'
import { useSpeech } from '../i18n/language.ts'

export function MissingPage({ text }: { text?: string }) {
  const { t } = useSpeech()
  useTitle(t.state.missingTitle)
  return (
    <div class="missing">
      <h1>{t.state.missingTitle}</h1>
      <p>{text ?? t.state.missing}</p>
      <a class="button" href="/">
        {t.state.back}
      </a>
    </div>
  )
}
