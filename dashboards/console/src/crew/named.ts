import { dangerName } from '../i18n/dangers.ts'
import type { Placed } from './order.ts'
import type { Speech } from './speech.ts'

/** What an alert is of and where, in words. */
export function nameOf({ alert, site }: Placed, speech: Speech): { what: string; where: string } {
  const { ruleName, rule } = alert
  return {
    what: dangerName(alert, speech) ?? (ruleName ? speech.say(ruleName) : rule),
    where: [alert.siteName ?? alert.site, site?.road].filter(Boolean).join(', '),
  }
}
