import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/**
 * What axe objects to in a page, or a part of it, as it is now. In the page itself, which holds no frame of
 * another host, and without a list of all that it finds in order: either would take twice as long.
 */
export async function axeViolations(page: Page, part?: string) {
  const builder = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  if (part) builder.include(part)
  return (await builder.analyze()).violations
}
