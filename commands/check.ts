import type { Command } from 'commander'
import { loadHub, summarizeRegistry } from '../registry/hub.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'

export function addCheck(program: Command): void {
  withCommonFlags(program.command('check'))
    .description('check the registry and the settings; lists everything that is wrong')
    .action(async (flags: CommonFlags) => {
      const { registry, settings } = await loadHub(settingsOptions(flags))
      for (const warning of settings.warnings) console.error(`warning: ${warning}`)
      console.log(summarizeRegistry(registry))
    })
}
