import { resolve } from 'node:path'
import type { Command } from 'commander'
import { restoreBackup } from '../archive/restore.ts'
import { reachHub } from '../control/client.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'
import { clock, stopOnSignal } from './process.ts'
import { inMib, showProgress } from './progress.ts'

export function addBackup(program: Command): void {
  withCommonFlags(program.command('backup'))
    .description('copy the data folder, without secrets, into a new folder; the hub may run')
    .argument('<folder>', 'where to write it')
    .action(backUp)
}

export function addRestore(program: Command): void {
  withCommonFlags(program.command('restore'))
    .description('lay a backup into the data folder, once all of it has been checked')
    .argument('<folder>', 'the backup')
    .option('--replace', 'put aside what is in the data folder; without it the folder must be empty', false)
    .action(restore)
}

async function backUp(folder: string, flags: CommonFlags): Promise<void> {
  const { made, files, bytes, withReadings } = await operate(flags, 'backup', { out: resolve(folder) })
  console.log(`Backed up ${files} files, ${inMib(bytes)}, as of ${made}, to ${folder}`)
  if (!withReadings)
    console.log(
      'Without the readings: back up the bucket of the InfluxDB with its own tools (influx backup).',
    )
}

async function restore(folder: string, flags: CommonFlags & { replace: boolean }): Promise<void> {
  const { settings } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const { data } = settings
  const hub = await reachHub(data)
  hub?.destroy()
  if (hub) throw new Error(`a hub runs on ${data}: stop it first`)
  const progress = showProgress(process.stderr)
  const { manifest, bytes, replaced } = await restoreBackup({
    backup: resolve(folder),
    data,
    replace: flags.replace,
    clock,
    onProgress: progress.step,
    signal: stopOnSignal(),
  }).finally(progress.end)
  if (replaced) console.log(`What was in ${data} is now in ${replaced}`)
  console.log(`Restored ${manifest.files.length} files, ${inMib(bytes)}: all that the hub had stored by ${manifest.made}.
After that time:
- What gateways elsewhere still keep in their outboxes comes again by itself.
- What they have deleted since, because the hub had it, is gone: /v1/completeness counts it as missing.
- What gateways of this data folder have read since is gone, and nothing counts it: they begin new runs.
OPC-UA clients make new certificates, to be trusted on the devices: their keys are in no backup.`)
}
