import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Text } from '../api/types.ts'
import type { Format } from '../format.ts'
import type { CrewTexts } from '../i18n/crew/fr.ts'
import type { Language } from '../preferences.ts'

/** As the console's, with the texts of this page only, so that little is loaded. */
export interface Speech {
  language: Language
  t: CrewTexts
  format: Format
  say(text: Text): string
}

export const SpeechContext = createContext<Speech | undefined>(undefined)

export function useSpeech(): Speech {
  return useContext(SpeechContext)!
}
