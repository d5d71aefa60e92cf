import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useResource } from './api/resource.ts'
import type { Alert, LiveEvents, Session, Territory } from './api/types.ts'
import { Footer } from './components/footer.tsx'
import { Header } from './components/header.tsx'
import { Notice } from './components/notice.tsx'
import { RegistryStanding } from './components/registry-standing.tsx'
import { createFormat } from './format.ts'
import { type Hub, HubContext, useLiveEvent, useReconnect } from './hub.ts'
import { DICTIONARIES, type Speech, SpeechContext, useSpeech } from './i18n/language.ts'
import { openLive } from './live.ts'
import { AlertPage } from './pages/alert.tsx'
import { AlertsPage } from './pages/alerts.tsx'
import { ClosedPage } from './pages/closed.tsx'
import { MissingPage } from './pages/missing.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { PeriodPage } from './pages/period.tsx'
import { RulePage } from './pages/rule.tsx'
import { RulesPage } from './pages/rules.tsx'
import { SitePage } from './pages/site.tsx'
import { TertiaryPage } from './pages/tertiary.tsx'
import { keepLanguage, keepTheme, preferredLanguage, preferredTheme } from './preferences.ts'
import { type Route, routeOf, usePath } from './route.ts'

const REFRESH_MS = 60_000

/** Settles the language and the theme, and waits for the territory, whose time zone every page needs. */
export function App() {
  const [language, setLanguage] = useState(preferredLanguage)
  const [theme, setTheme] = useState(preferredTheme)
  const territory = useResource<Territory>('/v1/territory')
  const session = useResource<Session>('/v1/session', REFRESH_MS)
  const timeZone = territory.data?.timeZone ?? 'UTC'
  const speech: Speech = useMemo(
    () => ({
      language,
      t: DICTIONARIES[language],
      format: createFormat(language, timeZone),
      say: text => text[language],
    }),
    [language, timeZone],
  )
  useLayoutEffect(() => {
    document.documentElement.lang = language
    keepLanguage(language)
  }, [language])
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
    keepTheme(theme)
  }, [theme])

  return (
    <SpeechContext.Provider value={speech}>
      {session.data?.mayRead === false ? (
        <ClosedPage />
      ) : territory.data ? (
        <Shell
          {...{ territory: territory.data, session, theme }}
          onTheme={setTheme}
          onLanguage={setLanguage}
        />
      ) : (
        <main class="main">
          <Notice of={territory} />
        </main>
      )}
    </SpeechContext.Provider>
  )
}

type ShellProps = Pick<Hub, 'territory' | 'session'> &
  Pick<Parameters<typeof Header>[0], 'theme' | 'onTheme' | 'onLanguage'>

function Shell({ territory, session, ...preferences }: ShellProps) {
  const { t } = useSpeech()
  const path = usePath()
  const route = useMemo(() => routeOf(path), [path])
  const [live] = useState(openLive)
  const activeAlerts = useResource<{ alerts: Alert[] }>('/v1/alerts?state=active&limit=1000', REFRESH_MS)
  const hub: Hub = useMemo(
    () => ({ territory, live, session, activeAlerts }),
    [territory, live, session.data, activeAlerts.data, activeAlerts.error],
  )
  useEffect(() => () => live.close(), [live])
  useLiveEvent(live, 'alert', activeAlerts.reload)
  useReconnect(live, activeAlerts.reload)
  const main = useFocusOnArrival(path)

  return (
    <HubContext.Provider value={hub}>
      <a class="skip" href="#main" data-leaves>
        {t.skip}
      </a>
      <Header page={route.page} {...preferences} />
      <main id="main" class="main" ref={main} tabIndex={-1}>
        <RegistryStanding />
        <Page route={route} />
      </main>
      <Footer />
      <Announcer hub={hub} />
    </HubContext.Provider>
  )
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />
    case 'site':
      return <SitePage key={route.id} id={route.id} />
    case 'period':
      return <PeriodPage key={`${route.id} ${route.by} ${route.start}`} {...route} />
    case 'tertiary':
      return <TertiaryPage key={`${route.id} ${route.year}`} {...route} />
    case 'alerts':
      return <AlertsPage />
    case 'alert':
      return <AlertPage key={route.id} id={route.id} />
    case 'rules':
      return <RulesPage />
    case 'rule':
      return <RulePage key={route.id} id={route.id} />
    case 'missing':
      return <MissingPage />
  }
}

/** A new page takes the focus, as a loaded document would, so that a screen reader begins to read it. */
function useFocusOnArrival(path: string) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [path])
  return main
}

/** Says aloud what changes by itself: alerts, and whether the connection holds. */
function Announcer({ hub: { live } }: { hub: Hub }) {
  const { t, say } = useSpeech()
  const [text, setText] = useState('')
  const onAlert = useCallback(
    ({ type, alert }: LiveEvents['alert']) => {
      const rule = alert.ruleName ? say(alert.ruleName) : alert.rule
      setText(t.alerts.announce[type](rule, alert.siteName ?? alert.site))
    },
    [t, say],
  )
  useLiveEvent(live, 'alert', onAlert)
  useEffect(() => {
    let broken = false
    return live.onState(({ connected }) => {
      if (!connected) setText(t.live.broken)
      else if (broken) setText(t.live.restored)
      broken = !connected
    })
  }, [live, t])
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  )
}
