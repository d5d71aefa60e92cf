import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Address, addressOfUrl, formatAddress, isLoopback } from '../model/address.ts'
import type { Finding } from './check.ts'
import { checkSettings, rolesOf } from './checks/settings.ts'
import { readYaml } from './files.ts'
import { describePlace, type Problem, RegistryError, sortProblems } from './problem.ts'
import type { Role } from './roles.ts'
import { type SettingsDocument, type SettingsInput, settingsSchema } from './settings-schema.ts'
import { checkShape } from './shape.ts'
import { formatPath, isMapping, type Path, problemAt, type Source } from './source.ts'
import { type Environment, expandVariables, hideSecrets } from './variables.ts'

/** The settings of one process of the hub, with every default filled in and absolute paths. */
export interface Settings extends Omit<SettingsDocument, 'roles' | 'http'> {
  territory: string
  roles: ReadonlySet<Role>
  data: string
  publicBaseUrl: string
  http: Required<SettingsDocument['http']>
  /** What the user should know although it is allowed, one sentence each. */
  warnings: readonly string[]
}

export interface SettingsOptions {
  /** Default: `hub.yaml` of the working folder, where there is one. */
  file?: string
  /** What the command line says, which wins over the file. Paths in it are relative to the working folder. */
  overrides?: SettingsInput
  /** Where `${NAME}` and `${NAME}_FILE` are looked up. */
  environment?: Environment
}

type TlsSettings = NonNullable<SettingsDocument['mqtt']['tls']>

/** Of the working folder. */
export const DEFAULT_SETTINGS = 'hub.yaml'
/** What whoever reaches the hub can do without an account. */
const READING = { everybody: 'read everything', accounts: 'read the open data' }
const DEMO = fileURLToPath(new URL('../demo', import.meta.url))

/** Throws a RegistryError with everything that is wrong with the settings. */
export async function loadSettings(options: SettingsOptions = {}): Promise<Settings> {
  const { settings, problems } = await readSettings(options)
  if (!settings) throw new RegistryError(problems)
  return settings
}

/** As {@link loadSettings}, but with the problems as a result: there are settings exactly when there are none. */
export async function readSettings(
  options: SettingsOptions = {},
): Promise<{ settings?: Settings; source: Source; problems: Problem[] }> {
  const { overrides = {}, environment = process.env } = options
  const file = options.file ?? (existsSync(DEFAULT_SETTINGS) ? DEFAULT_SETTINGS : undefined)
  const read = file ? await readYaml(file) : { source: NO_FILE, problems: [] }
  const expanded = expandVariables(read.source, environment)
  const problems: Problem[] = [...read.problems, ...expanded.problems]

  const source = override(expanded.source, overrides)
  if (source.value !== undefined) {
    const { value, problems: found } = checkShape(settingsSchema, source)
    const unset = new Set(expanded.problems.map(describePlace))
    problems.push(...found.filter(problem => !unset.has(describePlace(problem))))
    for (const { path, message } of value ? checkSettings(value) : [])
      problems.push(problemAt(source, path, message))
    if (value?.mqtt.tls) value.mqtt.tls = placeFiles(value.mqtt.tls, file)
    if (value?.publication.stamps) {
      const { stamps } = value.publication
      value.publication.stamps = { ...stamps, certificates: beside(stamps.certificates, file) }
    }
    for (const { path, message } of value ? checkFiles(value) : [])
      problems.push(problemAt(source, path, message))
    if (value && problems.length === 0)
      return { settings: complete(value, file, overrides), source, problems }
  }
  return { source, problems: sortProblems(hideSecrets(problems, expanded.secrets)) }
}

const NO_FILE: Source = { value: {}, locate: path => ({ file: DEFAULT_SETTINGS, path: formatPath(path) }) }

/** The settings of a file under those of the command line, which is named where it is at fault. */
function override(source: Source, overrides: SettingsInput): Source {
  return {
    value: merge(source.value, overrides),
    locate: path =>
      lead(overrides, path) ? { file: 'command line', path: formatPath(path) } : source.locate(path),
  }
}

function merge(base: unknown, over: object): unknown {
  if (!isMapping(base)) return base
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) merged[key] = isMapping(value) ? merge(merged[key] ?? {}, value) : value
  }
  return merged
}

function lead(value: unknown, [key, ...rest]: Path): boolean {
  if (value === undefined) return false
  return key === undefined ? !isMapping(value) : lead((value as Record<string, unknown>)?.[key], rest)
}

function complete(document: SettingsDocument, file: string | undefined, overrides: SettingsInput): Settings {
  const { http, mqtt, territory, data, simulators, distributor, officialStation } = document
  const { scenarios } = simulators
  const roles = rolesOf(document)
  const publicBaseUrl = document.publicBaseUrl?.replace(/\/+$/, '') ?? baseUrl(http)
  const isOwn = [http.host, addressOfUrl(publicBaseUrl).host].every(isLoopback) && http.proxies.length === 0
  const reads = http.reads ?? (isOwn ? 'everybody' : 'accounts')
  const beside = (path: string) => resolve(file ? dirname(file) : '.', path)
  const folder = (key: 'territory' | 'data') => (file && overrides[key] === undefined ? dirname(file) : '.')
  const listeners = [
    roles.has('api') && { name: 'HTTP', ...http, use: READING[reads] },
    roles.has('broker') && { name: 'MQTT', ...mqtt, use: 'use it' },
  ]
  return {
    ...document,
    simulators: { ...simulators, scenarios: scenarios && beside(scenarios) },
    distributor: distributor && { ...distributor, folder: beside(distributor.folder) },
    officialStation: officialStation && { ...officialStation, folder: beside(officialStation.folder) },
    territory: territory ? resolve(folder('territory'), territory) : DEMO,
    data: data ? resolve(folder('data'), data) : resolve('data'),
    roles,
    http: { ...http, reads },
    publicBaseUrl,
    warnings: listeners
      .filter(listener => listener !== false)
      .filter(({ host }) => !isLoopback(host))
      .map(
        ({ name, host, port, use }) =>
          `${name} listens on ${formatAddress({ host, port })}: whoever reaches this machine can ${use}.`,
      ),
  }
}

/** Their paths, absolute: they are relative to the file that names them. */
function placeFiles(tls: TlsSettings, file: string | undefined): TlsSettings {
  const { ca, certificate, key } = tls
  return { ...tls, ca: beside(ca, file), certificate: beside(certificate, file), key: beside(key, file) }
}

function beside(path: string | undefined, file: string | undefined): string | undefined {
  return path && resolve(file ? dirname(file) : '.', path)
}

function* checkFiles({ mqtt, publication }: SettingsDocument): Iterable<Finding> {
  const { ca, certificate, key } = mqtt.tls ?? {}
  const named: [path: Path, file: string | undefined][] = [
    [['mqtt', 'tls', 'ca'], ca],
    [['mqtt', 'tls', 'certificate'], certificate],
    [['mqtt', 'tls', 'key'], key],
    [['publication', 'stamps', 'certificates'], publication.stamps?.certificates],
  ]
  for (const [path, file] of named) {
    try {
      if (file) accessSync(file, constants.R_OK)
    } catch (error) {
      const message = `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`
      yield { path, message }
    }
  }
}

function baseUrl({ host, port }: Address): string {
  const everywhere = host === '0.0.0.0' || host === '::'
  return `http://${formatAddress({ host: everywhere ? 'localhost' : host, port })}`
}
