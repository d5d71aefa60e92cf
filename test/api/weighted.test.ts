import { expect, it } from 'vitest'
import { preferredLanguage } from '../../api/page.ts'

it('a page is in the language that its reader likes most, whatever the country', () => {
  const chosen = (accepted?: string) => preferredLanguage(accepted, 'fr')
  expect(chosen('en-GB')).toBe('en')
  expect(chosen('fr;q=0.2, en;q=0.9')).toBe('en')
  expect(chosen('de, en;q=0.5, fr;q=0.7')).toBe('fr')
  expect(chosen('en, fr')).toBe('en')
  expect(chosen('EN;Q=1, fr;q=0.9')).toBe('en')
  for (const otherwise of ['de', 'en;q=0, *', 'fri-en', '', undefined]) expect(chosen(otherwise)).toBe('fr')
  expect(preferredLanguage('*', 'en')).toBe('en')
})
