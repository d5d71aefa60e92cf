import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkDraft } from './check.ts'
import { readDeviceFiles, SHIPPED_DEVICES } from './device-files.ts'
import { devicesOf, draftRegistry, pointsOf } from './draft.ts'
import { mergeSources, readFiles } from './files.ts'
import { gatewayPartOf, hashOf } from './gateway-part.ts'
import { describePlace, type Problem, RegistryError, sortProblems } from './problem.ts'
import type { Registry } from './registry.ts'
import { resolveRegistry } from './resolve.ts'
import { valueAt } from './shape.ts'
import { type Path, problemAt } from './source.ts'
import { type Environment, expandVariables, hideSecrets } from './variables.ts'

export interface LoadOptions {
  /** Where `${NAME}` and `${NAME}_FILE` are looked up. */
  environment?: Environment
  /** Device files beside those of the territory's own `devices` folder, which win. */
  devices?: string
  /** Whose secrets are needed, by gateway id: of others a variable that is not set stays written as it is. Default: all. */
  secretsOf?: (gateway: string) => boolean
}

/**
 * Reads, checks and resolves a registry: a YAML file, or a folder whose YAML files are merged list by list.
 * Throws a RegistryError with everything that is wrong in any of the files.
 */
export async function loadRegistry(path: string, options: LoadOptions = {}): Promise<Registry> {
  const { environment = process.env, devices = SHIPPED_DEVICES, secretsOf = () => true } = options
  const files = await readFiles(path)
  const merged = mergeSources(files.sources, path)
  const expanded = expandVariables(merged.source, environment)
  const { draft: shaped, problems: shapeProblems } = draftRegistry(expanded.source)

  const used = devicesOf(shaped).filter(({ device }) => device.model)
  const models = new Set(used.map(({ device }) => device.model!))
  const read = await readDeviceFiles(models, deviceFolders(path, devices))

  const whole = files.sources.every(source => source.value !== undefined)
  const complete = new Set(whole ? shaped.complete : [])
  if (!complete.has('gateways') || read.deviceFiles.size < models.size) complete.delete('points')
  const ids = whole ? shaped.ids : {}
  const draft = { ...shaped, complete, ids, points: pointsOf(shaped, read.deviceFiles) }

  const unset = new Set(expanded.problems.map(describePlace))
  const misshapen = new Set(shapeProblems.map(describePlace))
  const isNeeded = (problem: Problem) => {
    const gateway = gatewayIdAt(merged.source.value, expanded.places.get(problem)!)
    return gateway === undefined || secretsOf(gateway) || misshapen.has(describePlace(problem))
  }
  const problems = [
    ...files.problems,
    ...merged.problems,
    ...expanded.problems.filter(isNeeded),
    // A variable that is not set cannot have the right shape: one problem is enough.
    ...shapeProblems.filter(problem => !unset.has(describePlace(problem))),
    ...read.problems,
    ...used
      .filter(({ device }) => read.missing.has(device.model!))
      .map(({ device, path: at }) =>
        problemAt(expanded.source, [...at, 'model'], `there is no device file ${device.model}.yaml`),
      ),
    ...checkDraft(draft, read.deviceFiles),
  ]
  if (problems.length > 0) throw new RegistryError(sortProblems(hideSecrets(problems, expanded.secrets)))
  const written = merged.source.value
  const deviceContents = Object.fromEntries(
    [...read.deviceFiles].map(([model, file]) => [model, file.source.value]),
  )
  const parts = draft.gateways.map(({ value: { id } }) => gatewayPartOf(written, id, read.deviceFiles)!)
  return resolveRegistry(draft, hashOf({ registry: written, devices: deviceContents }), parts)
}

/** The gateway that a part of a registry belongs to; undefined for what is none's. */
function gatewayIdAt(registry: unknown, [list, index = 0]: Path): string | undefined {
  return list === 'gateways' ? (valueAt(registry, [list, index, 'id']) as string | undefined) : undefined
}

/** Where the device files of a registry are: the territory's own come first. */
export function deviceFolders(path: string, shipped = SHIPPED_DEVICES): string[] {
  const folder = statSync(path).isDirectory() ? path : dirname(path)
  return [join(folder, 'devices'), shipped]
}
