import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { explain } from '../ingest/changed-units.ts'
import { loadHub, summarizeRegistry } from '../registry/hub.ts'
import type { Registry } from '../registry/registry.ts'
import { openPointUnits } from '../store/point-units.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'

export function addCheck(program: Command): void {
  withCommonFlags(program.command('check'))
    .description('check the registry and the settings; lists everything that is wrong')
    .action(async (flags: CommonFlags) => {
      const { registry, settings } = await loadHub(settingsOptions(flags))
      for (const warning of [...settings.warnings, ...registry.warnings]) console.error(`warning: ${warning}`)
      for (const warning of changedUnits(settings.data, registry)) console.error(`warning: ${warning}`)
      console.log(summarizeRegistry(registry))
    })
}

/** Points of which the hub of the data folder may hold readings in another unit. */
function changedUnits(folder: string, { points }: Registry): string[] {
  const file = join(folder, 'units.sqlite')
  if (!existsSync(file)) return []
  const units = openPointUnits({ file })
  try {
    return units.differing(points.values()).map(explain)
  } finally {
    units.close()
  }
}
