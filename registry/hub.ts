import { fingerprintOf } from './fingerprint.ts'
import { registryInForce } from './followed.ts'
import type { LiveOptions } from './live.ts'
import { type LoadOptions, loadWritten } from './load.ts'
import { type Problem, RegistryError } from './problem.ts'
import { measuredPoints, type Registry } from './registry.ts'
import { readSettings, type Settings, type SettingsOptions } from './settings.ts'
import { problemAt } from './source.ts'

/** Where a registry came from, to be followed from there. */
export type RegistryFiles = Pick<LiveOptions, 'path' | 'print' | 'written' | 'loadOptions'>

/**
 * The settings and the registry that they name: what `affluent start` runs and `affluent check` checks. The secrets of
 * devices must be there for the gateways that run here, or as `secretsOf` says.
 * Throws a RegistryError with everything that is wrong with either.
 */
export async function loadHub(
  options: SettingsOptions & Pick<LoadOptions, 'secretsOf'> = {},
): Promise<{ settings: Settings; registry: Registry; files: RegistryFiles }> {
  const { settings, source, problems } = await readSettings(options)
  // Settings that are wrong elsewhere may still say which registry is meant.
  const territory = settings ? registryInForce(settings).territory : options.overrides?.territory
  const { environment, secretsOf = settings && ((id: string) => runsHere(settings, id)) } = options
  const loadOptions = { environment, secretsOf }
  const print = territory ? await fingerprintOf(territory) : ''
  const loaded = territory && (await attempt(loadWritten(territory, loadOptions), problems))
  if (settings && loaded) {
    const { registry, written } = loaded
    for (const [index, gateway] of settings.gateways?.entries() ?? []) {
      if (!registry.gateways.has(gateway))
        problems.push(
          problemAt(source, ['gateways', index], `there is no gateway ${gateway} in the registry`),
        )
    }
    if (problems.length === 0)
      return { settings, registry, files: { path: territory, print, written, loadOptions } }
  }
  throw new RegistryError(problems)
}

function runsHere({ roles, gateways }: Settings, gateway: string): boolean {
  return roles.has('gateway') && (gateways?.includes(gateway) ?? true)
}

/** For commands that talk to no device. */
export const NO_SECRETS: Pick<LoadOptions, 'secretsOf'> = { secretsOf: () => false }

/** What a registry holds, in one line for people. */
export function summarizeRegistry(registry: Registry): string {
  const { territory, sites, gateways, meters, rules, hash } = registry
  const counts = {
    sites: sites.size,
    gateways: gateways.size,
    points: measuredPoints(registry).length,
    meters: meters.size,
    rules: rules.size,
  }
  const holds = Object.entries(counts)
    .map(([name, count]) => `${count} ${count === 1 ? name.slice(0, -1) : name}`)
    .join(', ')
  return `${territory.name.en}: ${holds}; hash ${hash.slice(0, 12)}`
}

async function attempt<T>(work: Promise<T>, problems: Problem[]): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}
