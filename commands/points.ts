import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type Command, Option } from 'commander'
import { readDeviceFiles } from '../registry/device-files.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { deviceFolders } from '../registry/load.ts'
import type { DecimalMark } from '../registry/point-list/cells.ts'
import { readPointList } from '../registry/point-list/read.ts'
import { writePointList } from '../registry/point-list/write.ts'
import { displayName } from '../registry/source.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'

const EXIT_DIFFERS = 2
const DECIMAL_MARKS: Record<string, DecimalMark> = { comma: ',', point: '.' }

export function addPoints(program: Command): void {
  const points = program
    .command('points')
    .description('point lists as CSV, one row a point, as integrators exchange them')

  withCommonFlags(points.command('export'))
    .description('write the points of the registry as CSV')
    .option('--out <file>', 'where to write it; default: standard output')
    .addOption(
      new Option('--decimal <mark>', "of numbers; default: as in the territory's language").choices(
        Object.keys(DECIMAL_MARKS),
      ),
    )
    .action(exportPoints)

  points
    .command('import')
    .description('write the points of a CSV file as YAML, a file of the registry')
    .argument('<file>', 'with a header; UTF-8 or Windows-1252, semicolons, commas or tabs')
    .option('--out <file>', 'where to write it; default: standard output')
    .option('--gateway <id>', 'which is to read what names none', 'gw')
    .option('--territory <path>', 'the registry that it is for, with its own device files')
    .action(importPoints)
}

async function exportPoints(flags: CommonFlags & { out?: string; decimal?: string }): Promise<void> {
  refuseExisting(flags.out)
  const { settings, registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const { gateways, territory } = registry
  const models = [...gateways.values()].flatMap(({ connections }) =>
    connections.flatMap(({ devices }) => devices.flatMap(({ model }) => model ?? [])),
  )
  const { deviceFiles } = await readDeviceFiles(models, deviceFolders(settings.territory))
  const mark = DECIMAL_MARKS[flags.decimal ?? (territory.language === 'fr' ? 'comma' : 'point')]!
  const { csv, leftOut } = writePointList(gateways.values(), deviceFiles, mark)
  await write(csv, flags.out)
  for (const what of leftOut) console.error(what)
  if (leftOut.length > 0) process.exitCode = EXIT_DIFFERS
}

async function importPoints(
  file: string,
  { out, gateway, territory }: { out?: string; gateway: string; territory?: string },
): Promise<void> {
  refuseExisting(out)
  if (!existsSync(file)) throw new Error(`there is no file ${file}`)
  const { yaml, warnings } = await readPointList(await readFile(file), {
    file: displayName(file),
    gateway,
    deviceFolders: deviceFolders(territory ?? dirname(out ?? file)),
  })
  for (const warning of warnings) console.error(`warning: ${warning}`)
  await write(`# Made of ${basename(file)}; affluent check tells whether it fits the rest.\n${yaml}`, out)
}

async function write(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) process.stdout.write(text)
  else await writeNewFile(file, text)
}
