import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { checkFolder } from '../archive/check.ts'
import { reachHub } from '../control/client.ts'
import { checkPublication } from '../publication/check.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import type { Settings } from '../registry/settings.ts'
import { compactReadings } from '../store/embedded/compact.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { stopOnSignal } from './process.ts'
import { inMib, showProgress } from './progress.ts'

const EXIT_FOUND = 2

export function addStore(program: Command): void {
  const store = program.command('store').description('look after the files of the data folder')

  withCommonFlags(store.command('check'))
    .description(
      'read every file of the data folder, or of a backup, and tell what is damaged and what to do',
    )
    .argument('[folder]', 'a backup; default: the data folder, on which no hub may run')
    .option(
      '--full',
      'compute the rollups of all points again, not only of a tenth, and the checksums of all published files',
      false,
    )
    .action(check)

  withCommonFlags(store.command('compact'))
    .description('write the embedded store of readings anew, smaller and quicker; no hub may run meanwhile')
    .action(compact)
}

async function check(backup: string | undefined, flags: CommonFlags & { full: boolean }): Promise<void> {
  const folder = backup ?? (await stoppedHub(flags)).data
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  const progress = showProgress(process.stderr)
  const options = { full: flags.full, onProgress: progress.step, signal: stopOnSignal() }
  const findings = await checkFolder({ ...options, folder })
    .then(async found => [
      ...found,
      ...(await checkPublication({ ...options, folder: join(folder, 'publication') })),
    ])
    .finally(progress.end)
  for (const { file, problem, advice } of findings)
    console.log(`${file}: ${problem}\n  What to do: ${advice}.`)
  if (findings.length > 0) process.exitCode = EXIT_FOUND
  else console.log(`${folder} is sound.`)
}

async function compact(flags: CommonFlags): Promise<void> {
  const { data, store } = await stoppedHub(flags)
  const file = join(data, 'readings.duckdb')
  if (store.kind !== 'embedded' || !existsSync(file))
    throw new Error(`there is no ${file}: only the embedded store can be compacted`)
  const progress = showProgress(process.stderr)
  const { before, after } = await compactReadings({
    file,
    memoryLimit: store.memoryLimit,
    onProgress: done => progress.step('Compacting', done),
    signal: stopOnSignal(),
  }).finally(progress.end)
  console.log(`${file} had ${inMib(before)} and has ${inMib(after)} now.`)
}

/** The settings of a data folder on which no hub runs. */
async function stoppedHub(flags: CommonFlags): Promise<Settings> {
  const { settings } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const hub = await reachHub(settings.data)
  hub?.destroy()
  if (hub) throw new Error(`a hub runs on ${settings.data}: stop it first, or make a backup and check that`)
  return settings
}
