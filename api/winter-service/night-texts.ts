import { en } from './night-texts-en.ts'
import { fr } from './night-texts-fr.ts'

export const NIGHT_TEXTS = { fr, en }
