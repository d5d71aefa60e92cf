import type { AlertEvent } from '../model/alert.ts'
import type { Value } from '../model/reading.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { type Unit, unitLabel } from '../model/units.ts'
import type { Registry } from '../registry/registry.ts'
import type { Text } from '../registry/schema.ts'

type Language = keyof Text

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const satisfies Record<Language, string>
/** Making one takes longer than everything else that an alert needs. */
const NUMBER_FORMATS = {
  fr: new Intl.NumberFormat(LOCALES.fr, { maximumFractionDigits: 2 }),
  en: new Intl.NumberFormat(LOCALES.en, { maximumFractionDigits: 2 }),
} as const satisfies Record<Language, Intl.NumberFormat>
const timeFormats = new Map<string, Intl.DateTimeFormat>()
const YES_NO = { fr: ['non', 'oui'], en: ['no', 'yes'] } as const satisfies Record<Language, [string, string]>

/** A value with its unit as people write them: `-1,2 °C`, `yes`. */
export function formatValue(value: Value, unit: Unit, language: Language): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return YES_NO[language][Number(value)]!
  return `${NUMBER_FORMATS[language].format(value)} ${unitLabel(unit)}`.trim()
}

/** `52 €` or `€52`, to the euro. */
export function formatEuros(euros: number, language: Language): string {
  const amount = NUMBER_FORMATS[language].format(Math.round(euros))
  return language === 'fr' ? `${amount} €` : `€${amount}`
}

const LENGTHS = [
  { ms: DAY_MS, fr: 'j', en: 'd' },
  { ms: HOUR_MS, fr: 'h', en: 'h' },
  { ms: MINUTE_MS, fr: 'min', en: 'min' },
] as const

/** How long, in the largest unit of which it is a whole number: `90 min`, `2 j`. */
export function formatLength(ms: number, language: Language): string {
  const unit = LENGTHS.find(each => ms >= each.ms && ms % each.ms === 0)
  return unit ? `${ms / unit.ms} ${unit[language]}` : `${ms / 1000} s`
}

/** That an alert keeps coming and going. */
export function flappingText(times: number, within: number): Text {
  return {
    fr: `instable, ${times} fois en ${formatLength(within, 'fr')}`,
    en: `unstable, ${times} times in ${formatLength(within, 'en')}`,
  }
}

/** Local date and time: `22/11/2026 04:05`. */
export function formatTime(time: number, timeZone: string, language: Language): string {
  const key = `${language} ${timeZone}`
  let format = timeFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALES[language], { timeZone, dateStyle: 'short', timeStyle: 'short' })
    timeFormats.set(key, format)
  }
  return format.format(time).replace(',', '')
}

/** What a person is told of an event: what, where, since when, and what has become of it. */
export function eventText({ type, time, actor, alert }: AlertEvent, registry: Registry): Text {
  const { timeZone } = registry.territory
  const when = (language: Language) => formatTime(time, timeZone, language)
  switch (type) {
    case 'fired':
      return alert.message
    case 'worsened':
      return { fr: `S'aggrave – ${alert.message.fr}`, en: `Worsens – ${alert.message.en}` }
    case 'changed':
      return { fr: `Évolue – ${alert.message.fr}`, en: `Changes – ${alert.message.en}` }
    case 're-alarmed':
      return { fr: `Dure encore – ${alert.message.fr}`, en: `Still lasts – ${alert.message.en}` }
    case 'acknowledged':
      return {
        fr: `Prise en charge par ${actor} le ${when('fr')} : ${alert.message.fr}`,
        en: `Acknowledged by ${actor} on ${when('en')}: ${alert.message.en}`,
      }
    case 'shelved': {
      const { until, reason } = alert.shelving!
      const why = reason === undefined ? '' : ` (${reason})`
      const end = { fr: formatTime(until!, timeZone, 'fr'), en: formatTime(until!, timeZone, 'en') }
      return {
        fr: `Mise en attente par ${actor} jusqu'au ${end.fr}${why} : ${alert.message.fr}`,
        en: `Shelved by ${actor} until ${end.en}${why}: ${alert.message.en}`,
      }
    }
    case 'unshelved':
      return {
        fr: `Fin de la mise en attente – ${alert.message.fr}`,
        en: `No longer shelved – ${alert.message.en}`,
      }
    case 'resolved': {
      const why =
        alert.ended === 'rule-gone'
          ? { fr: ' (sa règle a été retirée)', en: ' (its rule was taken out)' }
          : { fr: '', en: '' }
      return {
        fr: `Fin d'alerte le ${when('fr')}${why.fr} : ${alert.message.fr}`,
        en: `Resolved on ${when('en')}${why.en}: ${alert.message.en}`,
      }
    }
  }
}

/** The same for who must not learn it: without who acknowledged or shelved, and what they wrote. */
export function namelessText(event: AlertEvent, registry: Registry): Text {
  const { fr, en } = event.alert.message
  if (event.type === 'acknowledged') return { fr: `Prise en charge – ${fr}`, en: `Acknowledged – ${en}` }
  if (event.type === 'shelved') return { fr: `Mise en attente – ${fr}`, en: `Shelved – ${en}` }
  return eventText(event, registry)
}

/** At most so many characters; what was cut ends with an ellipsis. */
export function cutText(text: string, longest = Number.POSITIVE_INFINITY): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
