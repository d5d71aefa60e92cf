import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkDraft } from './check.ts'
import { type ReadDeviceFiles, readDeviceFiles, SHIPPED_DEVICES } from './device-files.ts'
import { devicesOf, draftRegistry, pointsOf } from './draft.ts'
import { mergeSources, readFiles } from './files.ts'
import { gatewayPartOf, hashOf } from './gateway-part.ts'
import { describePlace, type Problem, RegistryError, sortProblems } from './problem.ts'
import type { Registry } from './registry.ts'
import { resolveRegistry } from './resolve.ts'
import { valueAt } from './shape.ts'
import { type Path, parseYaml, problemAt, type Source } from './source.ts'
import { type Environment, expandVariables, hideSecrets } from './variables.ts'

export interface LoadOptions {
  /** Where `${NAME}` and `${NAME}_FILE` are looked up. */
  environment?: Environment
  /** Device files beside those of the territory's own `devices` folder, which win. */
  devices?: string
  /** Whose secrets are needed, by gateway id: of others a variable that is not set stays written as it is. Default: all. */
  secretsOf?: (gateway: string) => boolean
  /** Reads the text of a file: whoever loads again and again may remember what it was. */
  parse?: typeof parseYaml
}

/** What a registry was made of, as people wrote it: `${NAME}` stands for a secret. */
export interface Written {
  source: Source
  devices: ReadDeviceFiles
}

export interface Loaded {
  registry: Registry
  written: Written
}

/**
 * Reads, checks and resolves a registry: a YAML file, or a folder whose YAML files are merged list by list.
 * Throws a RegistryError with everything that is wrong in any of the files.
 */
export async function loadRegistry(path: string, options: LoadOptions = {}): Promise<Registry> {
  return (await loadWritten(path, options)).registry
}

/** The same, with what it was made of. */
export async function loadWritten(path: string, options: LoadOptions = {}): Promise<Loaded> {
  const { devices = SHIPPED_DEVICES, parse = parseYaml } = options
  const files = await readFiles(path, parse)
  const { source, problems } = mergeSources(files.sources, path)
  const isWhole = files.sources.every(({ value }) => value !== undefined)
  const readDevices = (models: ReadonlySet<string>) =>
    readDeviceFiles(models, deviceFolders(path, devices), parse)
  return buildRegistry({ source, problems: [...files.problems, ...problems], isWhole, readDevices }, options)
}

/** Checks and resolves what was read. Throws a RegistryError with everything that is wrong, also before. */
export async function buildRegistry(
  read: {
    source: Source
    problems: readonly Problem[]
    /** Whether every file could be read. */
    isWhole: boolean
    readDevices(models: ReadonlySet<string>): Promise<ReadDeviceFiles>
  },
  { environment = process.env, secretsOf = () => true }: LoadOptions,
): Promise<Loaded> {
  const expanded = expandVariables(read.source, environment)
  const { draft: shaped, problems: shapeProblems } = draftRegistry(expanded.source)

  const used = devicesOf(shaped).filter(({ device }) => device.model)
  const models = new Set(used.map(({ device }) => device.model!))
  const devices = await read.readDevices(models)

  const complete = new Set(read.isWhole ? shaped.complete : [])
  if (!complete.has('gateways') || devices.deviceFiles.size < models.size) complete.delete('points')
  const ids = read.isWhole ? shaped.ids : {}
  const draft = { ...shaped, complete, ids, points: pointsOf(shaped, devices.deviceFiles) }

  const unset = new Set(expanded.problems.map(describePlace))
  const misshapen = new Set(shapeProblems.map(describePlace))
  const isNeeded = (problem: Problem) => {
    const gateway = gatewayIdAt(read.source.value, expanded.places.get(problem)!)
    return gateway === undefined || secretsOf(gateway) || misshapen.has(describePlace(problem))
  }
  const problems = [
    ...read.problems,
    ...expanded.problems.filter(isNeeded),
    // A variable that is not set cannot have the right shape: one problem is enough.
    ...shapeProblems.filter(problem => !unset.has(describePlace(problem))),
    ...devices.problems,
    ...used
      .filter(({ device }) => devices.missing.has(device.model!))
      .map(({ device, path: at }) =>
        problemAt(expanded.source, [...at, 'model'], `there is no device file ${device.model}.yaml`),
      ),
    ...checkDraft(draft, devices.deviceFiles),
  ]
  if (problems.length > 0) throw new RegistryError(sortProblems(hideSecrets(problems, expanded.secrets)))
  const { value } = read.source
  const parts = draft.gateways.map(({ value: { id } }) => gatewayPartOf(value, id, devices.deviceFiles)!)
  const hash = hashOf({ registry: value, devices: contentsOf(devices) })
  return { registry: resolveRegistry(draft, hash, parts), written: { source: read.source, devices } }
}

/** What stands in device files, by model. */
export function contentsOf({ deviceFiles }: ReadDeviceFiles): Record<string, unknown> {
  return Object.fromEntries([...deviceFiles].map(([model, { source }]) => [model, source.value]))
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
