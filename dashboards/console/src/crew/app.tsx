import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Territory } from '../api/types.ts'
import { deviceNow } from '../clock.ts'
import { useNow } from '../components/tick.ts'
import { createFormat } from '../format.ts'
import { crewEn } from '../i18n/crew/en.ts'
import { crewFr } from '../i18n/crew/fr.ts'
import { keepLanguage, keepTheme, preferredLanguage, preferredTheme } from '../preferences.ts'
import { Crew } from './crew.tsx'
import { Header } from './header.tsx'
import { type Speech, SpeechContext } from './speech.ts'
import { themeAt } from './theme.ts'
import { useKept } from './use-kept.ts'

const TEXTS = { fr: crewFr, en: crewEn }

/** Settles the language and the theme, and waits for the territory, whose time zone the page needs. */
export function App() {
  const [language, setLanguage] = useState(preferredLanguage)
  const [theme, setTheme] = useState(preferredTheme)
  const territory = useKept<Territory>('/v1/territory')
  const timeZone = territory.answer?.data.timeZone
  const speech: Speech = useMemo(
    () => ({
      language,
      t: TEXTS[language],
      format: createFormat(language, timeZone ?? 'UTC'),
      say: text => text[language],
    }),
    [language, timeZone],
  )
  useNow(60_000)
  const shown = themeAt(theme, new Date(deviceNow()).getHours())
  useLayoutEffect(() => {
    document.documentElement.lang = language
    document.title = `${speech.t.title} · Affluent`
    keepLanguage(language)
  }, [language, speech])
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = shown
  }, [shown])
  useEffect(() => keepTheme(theme), [theme])

  return (
    <SpeechContext.Provider value={speech}>
      <a class="crew-skip" href="#main">
        {speech.t.skip}
      </a>
      <Header theme={theme} onTheme={setTheme} onLanguage={setLanguage} />
      {timeZone ? (
        <Crew />
      ) : (
        <main id="main" class="crew-main">
          <p role="status">{territory.error ? speech.t.neverReached : speech.t.loading}</p>
        </main>
      )}
    </SpeechContext.Provider>
  )
}
