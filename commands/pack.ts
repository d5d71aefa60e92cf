import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { openIssuer } from '../gateway/follow/issuer.ts'
import { packGateway, VARIABLES } from '../gateway/pack.ts'
import { readYaml } from '../registry/files.ts'
import type { GatewayPart } from '../registry/gateway-part.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { DEFAULT_SETTINGS, type Settings } from '../registry/settings.ts'
import type { SettingsInput } from '../registry/settings-schema.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { clock } from './process.ts'

interface PackFlags extends CommonFlags {
  out?: string
  broker?: string
  withSecrets: boolean
  follow: boolean
}

/** The owner's alone: they may hold secrets. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

export function addPack(program: Command): void {
  withCommonFlags(program.command('pack'))
    .description(
      'write the folder that the machine of one gateway needs: its part of the registry, settings, credentials',
    )
    .argument('<gateway>', 'which')
    .option('--out <folder>', 'where to write it; default: the name of the gateway')
    .option('--broker <url>', 'the broker as the gateway reaches it; default: mqtt.url of the settings')
    .option('--with-secrets', 'write the values of variables, too, not only their names', false)
    .option('--follow', 'have the gateway take over what is changed in the registry later', false)
    .action(pack)
}

async function pack(
  id: string,
  { out = id, broker, withSecrets, follow, ...flags }: PackFlags,
): Promise<void> {
  const { settings, registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const part = registry.gatewayParts.get(id)
  if (!part)
    throw new Error(`there is no gateway ${id}: there are ${[...registry.gateways.keys()].join(', ')}`)
  const hub = flags.hub ?? DEFAULT_SETTINGS
  const written = existsSync(hub) ? (await readYaml(hub)).source.value : undefined
  const variables = join(out, VARIABLES)
  const { texts, copies, notes } = packGateway({
    part,
    settings: (written ?? {}) as SettingsInput,
    broker,
    follow: follow ? followerOf(settings, id, part) : undefined,
    secrets: withSecrets ? process.env : undefined,
    variables: existsSync(variables) ? await readFile(variables, 'utf8') : undefined,
    placeOf: file => resolve(dirname(hub), file),
  })
  const place = async (path: string) => {
    const file = join(out, path)
    await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE })
    return file
  }
  for (const [path, text] of texts) await writeFile(await place(path), text, { mode: FILE_MODE })
  for (const [path, source] of copies) {
    const file = await place(path)
    await copyFile(source, file)
    await chmod(file, FILE_MODE)
  }
  console.log(`Written: ${out}, registry ${part.hash.slice(0, 12)}`)
  for (const note of notes) console.log(`- ${note}`)
  console.log(`On the machine of the gateway: affluent start --hub ${join(out, 'hub.yaml')}`)
}

/** Whom the gateway is to follow from now on, and from which registry on. */
function followerOf({ data }: Settings, id: string, part: GatewayPart): SettingsInput['follow'] {
  const issuer = openIssuer(data, clock.now)
  return { key: issuer.publicKey, number: issuer.numberOf(id, part) }
}
