import type { Command } from 'commander'
import { type CommonFlags, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'

export function addStatus(program: Command): void {
  withCommonFlags(program.command('status'))
    .description('tell whether a hub runs on the data folder, and up to which number each stream is stored')
    .action(async (flags: CommonFlags) => {
      const { pid, registry, streams, deleted } = await operate(flags, 'status', {})
      console.log(
        pid === process.pid ? 'No hub runs on this data folder.' : `The hub runs as process ${pid}.`,
      )
      for (const problem of registry?.refused ?? [])
        console.log(`The changed registry is not in force: ${problem}`)
      if (registry && registry.awaitsRestart.length > 0)
        console.log(`Changed, and in force after a restart: ${registry.awaitsRestart.join(', ')}`)
      for (const { sender, stream, run, upTo } of streams) console.log(`${sender} ${stream} ${run}: ${upTo}`)
      if (deleted)
        console.log(
          `Retention has deleted ${deleted.readings} readings of ${deleted.points} points, ` +
            `of before ${new Date(deleted.before).toISOString()}.`,
        )
    })
}
