import type { Placed } from './order.ts'
import type { Speech } from './speech.ts'

/** What an alert is of and where, in words. */
export function nameOf({ alert, site }: Placed, { t, say }: Speech): { what: string; where: string } {
  const { phenomenon, ruleName, rule } = alert
  const danger = phenomenon && (t.phenomenon[phenomenon] ?? phenomenon)
  return {
    what: danger || (ruleName ? say(ruleName) : rule),
    where: [alert.siteName ?? alert.site, site?.road].filter(Boolean).join(', '),
  }
}
