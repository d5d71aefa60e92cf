import { type Language, WORDS } from './words.ts'

/** With the decimal mark and the words of the language. */
export function formatValue(value: number | boolean | string | undefined, language: Language): string {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return WORDS[language][value ? 'yes' : 'no']
  if (typeof value === 'number' && !Number.isFinite(value)) return value < 0 ? '−∞' : '∞'
  return typeof value === 'number' && language === 'fr' ? String(value).replace('.', ',') : String(value)
}
