import { Icon } from '../components/icons.tsx'
import type { Language, Theme } from '../preferences.ts'
import { useSpeech } from './speech.ts'

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const OTHER: Record<Language, { language: Language; name: string }> = {
  fr: { language: 'en', name: 'English' },
  en: { language: 'fr', name: 'Français' },
}

interface HeaderProps {
  theme: Theme
  onTheme(theme: Theme): void
  onLanguage(language: Language): void
}

export function Header({ theme, onTheme, onLanguage }: HeaderProps) {
  const { t, language } = useSpeech()
  const other = OTHER[language]
  return (
    <header class="crew-header">
      <h1>{t.title}</h1>
      <a class="crew-tool" href="/">
        {t.console}
      </a>
      <button type="button" class="crew-tool" onClick={() => onTheme(NEXT_THEME[theme])}>
        <Icon name={theme} />
        <span class="visually-hidden">{t.theme(t.themes[theme])}</span>
      </button>
      <button
        type="button"
        class="crew-tool"
        lang={other.language}
        onClick={() => onLanguage(other.language)}
      >
        <span aria-hidden="true">{other.language.toUpperCase()}</span>
        <span class="visually-hidden">{other.name}</span>
      </button>
    </header>
  )
}
