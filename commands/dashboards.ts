import type { Command } from 'commander'
import { writeDashboards } from '../dashboards/grafana/dashboards.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'

export function addDashboards(program: Command): void {
  withCommonFlags(program.command('dashboards'))
    .description('generate the Grafana dashboards of a registry')
    .requiredOption('--out <folder>', 'where to write them')
    .action(async (flags: CommonFlags & { out: string }) => {
      const { registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
      const files = await writeDashboards(registry, flags.out)
      console.log(`${files.length} dashboards written to ${flags.out}`)
    })
}
