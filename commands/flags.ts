import { type Command, InvalidArgumentError, Option } from 'commander'
import { duration } from '../registry/duration.ts'
import { ROLES, type Role } from '../registry/roles.ts'
import type { SettingsOptions } from '../registry/settings.ts'

/** What every command understands. */
export interface CommonFlags {
  hub?: string
  territory?: string
  data?: string
}

export interface StartFlags extends CommonFlags {
  roles?: Role[]
  httpPort?: number
  mqttPort?: number
}

export function withCommonFlags(command: Command): Command {
  return command
    .option('--hub <file>', 'settings; default: hub.yaml where there is one')
    .option('--territory <path>', 'registry: a file or a folder')
    .option('--data <folder>', 'where everything is kept; default: data')
}

export function settingsOptions(flags: StartFlags): SettingsOptions {
  const { hub, territory, data, roles, httpPort, mqttPort } = flags
  return {
    file: hub,
    overrides: {
      ...(territory !== undefined && { territory }),
      ...(data !== undefined && { data }),
      ...(roles && { roles }),
      ...(httpPort !== undefined && { http: { port: httpPort } }),
      ...(mqttPort !== undefined && { mqtt: { port: mqttPort } }),
    },
  }
}

export function parseRoles(list: string): Role[] {
  return list.split(',').map(name => {
    const role = ROLES.find(known => known === name.trim())
    if (!role) throw new InvalidArgumentError(`There is no role ${name}; there are ${ROLES.join(', ')}.`)
    return role
  })
}

export function parsePort(text: string): number {
  const port = parseCount(text)
  if (port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

export function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

/** ms */
export function parseDuration(text: string): number {
  const { data, error } = duration.safeParse(text)
  if (data === undefined) throw new InvalidArgumentError(`${error?.issues[0]?.message}.`)
  return data
}

export function timeOption(name: string, description: string, byDefault: string): Option {
  return new Option(name, description).argParser(parseDuration).default(parseDuration(byDefault), byDefault)
}

/** ms UTC, of an instant with its offset, or of the beginning of a date in UTC. */
export function parseTime(text: string): number {
  const isInstant = /^\d{4}-\d\d-\d\d$|T.*(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isInstant ? Date.parse(text) : Number.NaN
  if (!Number.isFinite(time))
    throw new InvalidArgumentError('Write a time like 2026-11-22T08:00:00Z or a date like 2026-11-22.')
  return time
}
