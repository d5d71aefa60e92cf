import { join } from 'node:path'
import type { Command } from 'commander'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { openPointUnits } from '../store/point-units.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'

/** SQLite lets this write beside a running hub. */
export function addAcceptUnit(program: Command): void {
  withCommonFlags(program.command('accept-unit'))
    .description('say that what is stored of a point always was in the unit that the registry gives it now')
    .argument('<point>', '<site>/<device>/<point>')
    .action(async (id: string, flags: CommonFlags) => {
      const { settings, registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
      const point = registry.points.get(id)
      if (!point) throw new Error(`there is no point ${id} in the registry`)
      const units = openPointUnits({ file: join(settings.data, 'units.sqlite') })
      units.note([point])
      units.close()
      console.log(
        `${id} is in ${point.unit}. Start the hub again, then take what was set aside: affluent quarantine replay`,
      )
    })
}
