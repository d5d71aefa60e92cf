import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Text } from '../api/types.ts'
import type { Format } from '../format.ts'
import type { Language } from '../preferences.ts'
import { en } from './en.ts'
import { type Dictionary, fr } from './fr.ts'

export const DICTIONARIES: Record<Language, Dictionary> = { fr, en }

/** What a component needs to speak: the texts, the formats, and the language's side of a bilingual text. */
export interface Speech {
  language: Language
  t: Dictionary
  format: Format
  say(text: Text): string
}

export const SpeechContext = createContext<Speech | undefined>(undefined)

export function useSpeech(): Speech {
  return useContext(SpeechContext)!
}
