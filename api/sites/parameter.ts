import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { WrongParameter } from '../fields.ts'

/** @throws WrongParameter when a query names a site that the registry does not hold. */
export function siteOf(registry: Registry, id: string): Site {
  const site = registry.sites.get(id)
  if (!site) throw new WrongParameter('site', `there is no site ${id}; /v1/sites lists them`)
  return site
}
