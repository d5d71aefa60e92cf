import type { Severity } from '../../../../model/alert.ts'
import type { Alert, Text } from '../api/types.ts'
import type { Language } from '../preferences.ts'

interface Dangers {
  severity: Record<Severity, string>
  phenomenon: Record<string, string>
}

/** What alerts are called, on every page. */
export const DANGERS: Record<Language, Dangers> = {
  fr: {
    severity: { info: 'Information', warning: 'Avertissement', critical: 'Critique' },
    phenomenon: {
      'freezing-rain': 'Pluie verglaçante',
      ice: 'Verglas',
      snow: 'Neige',
      hoar: 'Givre',
      watch: 'À surveiller',
      'ice-expected': 'Verglas ou givre attendu',
      unknown: 'État inconnu',
      congestion: 'Congestion',
      standstill: 'Trafic à l’arrêt',
      'counts-none': 'Ne compte plus',
      'lane-counts-none': 'Voie sans comptage',
      blocked: 'Capteur bloqué',
      'counts-too-many': 'Compte trop',
    },
  },
  en: {
    severity: { info: 'Information', warning: 'Warning', critical: 'Critical' },
    phenomenon: {
      'freezing-rain': 'Freezing rain',
      ice: 'Ice',
      snow: 'Snow',
      hoar: 'Hoar frost',
      watch: 'Watch',
      'ice-expected': 'Ice or hoar expected',
      unknown: 'State unknown',
      congestion: 'Congestion',
      standstill: 'Traffic stands still',
      'counts-none': 'Counts nothing',
      'lane-counts-none': 'A lane counts nothing',
      blocked: 'Detector blocked',
      'counts-too-many': 'Counts too many',
    },
  },
}

/** Which danger, in words: as its rule calls it, or else as it is always called. Undefined where it is of no certain one. */
export function dangerName(
  { phenomenon, phenomenonName }: Pick<Alert, 'phenomenon' | 'phenomenonName'>,
  { language, say }: { language: Language; say(text: Text): string },
): string | undefined {
  if (phenomenonName) return say(phenomenonName)
  return phenomenon ? (DANGERS[language].phenomenon[phenomenon] ?? phenomenon) : undefined
}
