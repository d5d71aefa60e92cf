import type { Text } from './api/types.ts'

export type Language = keyof Text
export type Theme = 'auto' | 'light' | 'dark'

const LANGUAGES: readonly string[] = ['fr', 'en'] satisfies Language[]

/** What was chosen before, else the browser's first language that we speak, else French. */
export function preferredLanguage(): Language {
  const wished = [read('language'), ...navigator.languages.map(tag => tag.slice(0, 2))]
  return (wished.find(language => language !== null && LANGUAGES.includes(language)) ?? 'fr') as Language
}

export function keepLanguage(language: Language): void {
  write('language', language)
}

export function preferredTheme(): Theme {
  const theme = read('theme')
  return theme === 'light' || theme === 'dark' ? theme : 'auto'
}

export function keepTheme(theme: Theme): void {
  write('theme', theme)
}

/** Storage may be forbidden by the browser: then a preference lasts for the visit. */
export function read(key: string): string | null {
  try {
    return localStorage.getItem(`affluent.${key}`)
  } catch {
    return null
  }
}

export function write(key: string, value: string): void {
  try {
    localStorage.setItem(`affluent.${key}`, value)
  } catch {}
}
