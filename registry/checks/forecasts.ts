import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import { misfitsOfTls } from '../tls-schema.ts'

/** Sources of forecasts for sites that are there. */
export function* checkForecasts({ forecasts, ids }: Draft): Iterable<Finding> {
  for (const { value, path } of forecasts) {
    const { sites, tls, url } = value
    for (const [index, site] of sites.entries()) {
      const message =
        ids.sites?.has(site) === false
          ? `there is no ${site} among the sites`
          : sites.indexOf(site) < index && `${site} is named twice`
      if (message) yield { path: [...path, 'sites', index], message }
    }
    for (const message of tls ? misfitsOfTls(tls, [url], 'https') : [])
      yield { path: [...path, 'tls'], message }
  }
}
