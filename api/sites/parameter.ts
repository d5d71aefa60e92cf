import { z } from 'zod'
import { ID_PATTERN } from '../../model/point-id.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { WrongParameter } from '../fields.ts'

export const siteParameter = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')

/** @throws WrongParameter when a query names a site that the registry does not hold. */
export function siteOf(registry: Registry, id: string): Site {
  const site = registry.sites.get(id)
  if (!site) throw new WrongParameter('site', `there is no site ${id}; /v1/sites lists them`)
  return site
}
