import { useState } from 'preact/hooks'
import { post } from '../api/client.ts'
import { useHub, useLiveState } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import type { Language, Theme } from '../preferences.ts'
import type { Route } from '../route.ts'
import { Icon } from './icons.tsx'

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const OTHER: Record<Language, { language: Language; name: string }> = {
  fr: { language: 'en', name: 'English' },
  en: { language: 'fr', name: 'Français' },
}

interface HeaderProps {
  page: Route['page']
  theme: Theme
  onTheme(theme: Theme): void
  onLanguage(language: Language): void
}

export function Header({ page, theme, onTheme, onLanguage }: HeaderProps) {
  const { t, language } = useSpeech()
  const { activeAlerts } = useHub()
  const count = activeAlerts.data?.alerts.length ?? 0
  const onSite = page === 'site' || page === 'period' || page === 'tertiary'
  const onAlerts = page === 'alerts' || page === 'alert'
  const other = OTHER[language]
  return (
    <header class="header">
      <div class="header-inner">
        <a class="brand" href="/" aria-label={t.nav.home}>
          <img src="/affluent.svg" alt="" width="30" height="30" />
          <span>Affluent</span>
        </a>
        <nav class="nav" aria-label={t.nav.label}>
          <a href="/" aria-current={page === 'overview' ? 'page' : onSite ? 'true' : undefined}>
            {t.nav.overview}
          </a>
          <a href="/alerts" aria-current={onAlerts ? (page === 'alerts' ? 'page' : 'true') : undefined}>
            {t.nav.alerts}
            {count > 0 && (
              <span class="badge">
                <span aria-hidden="true">{count}</span>
                <span class="visually-hidden"> ({t.nav.activeAlerts(count)})</span>
              </span>
            )}
          </a>
          <a href="/rules" aria-current={page === 'rules' ? 'page' : page === 'rule' ? 'true' : undefined}>
            {t.nav.rules}
          </a>
        </nav>
        <div class="header-tools">
          <Connection />
          <button
            type="button"
            class="tool"
            onClick={() => onTheme(NEXT_THEME[theme])}
            title={t.settings.theme(t.settings.themes[theme])}
          >
            <Icon name={theme} />
            <span class="visually-hidden">{t.settings.theme(t.settings.themes[theme])}</span>
          </button>
          <button type="button" class="tool" lang={other.language} onClick={() => onLanguage(other.language)}>
            <span aria-hidden="true">{other.language.toUpperCase()}</span>
            <span class="visually-hidden">{other.name}</span>
          </button>
          <SessionTool />
        </div>
      </div>
    </header>
  )
}

/** Whether what is shown is live; a change is also announced, by the status region of the page. */
function Connection() {
  const { t, format } = useSpeech()
  const { live } = useHub()
  const { connected, since } = useLiveState(live)
  if (connected)
    return (
      <span class="connection">
        <span class="connection-dot" aria-hidden="true" />
        {t.live.connected}
      </span>
    )
  return (
    <span class="connection connection-lost">
      <Icon name="offline" />
      {t.live.lost(format.clockSeconds(since))}
    </span>
  )
}

function SessionTool() {
  const { t } = useSpeech()
  const { session } = useHub()
  const [failed, setFailed] = useState(false)
  const actor = session.data?.actor
  if (!actor) return null
  const close = () =>
    post('/v1/logout').then(
      () => {
        setFailed(false)
        session.reload()
      },
      () => setFailed(true),
    )
  return (
    <span class="session">
      <span class="session-actor">{t.session.actor(actor)}</span>
      <button type="button" class="button" onClick={close}>
        {t.session.close}
      </button>
      {failed && <span role="alert">{t.session.failed}</span>}
    </span>
  )
}
