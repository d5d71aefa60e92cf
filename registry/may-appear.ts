import { SENSITIVE_USES, type Site } from './schema.ts'

/** Shares of a meter that lack no more of 1 are rounded: thirds, for one. The rest of others is hidden. */
export const ROUNDED_SHARES = 0.01

/** Whether a site may appear in any open data at all. */
export function mayAppear(site: Pick<Site, 'openData' | 'use' | 'openDataDespiteUse'>): boolean {
  return site.openData && (!isSensitive(site) || site.openDataDespiteUse !== undefined)
}

/** Whether it is dangerous for those who are there to be found. */
export function isSensitive({ use }: Pick<Site, 'use'>): boolean {
  return use !== undefined && SENSITIVE_USES.includes(use)
}
