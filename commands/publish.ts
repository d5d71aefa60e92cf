import type { Command } from 'commander'
import { type CommonFlags, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'

const EXIT_FAILED = 1

interface PublishFlags extends CommonFlags {
  anew?: boolean
}

export function addPublish(program: Command): void {
  withCommonFlags(program.command('publish'))
    .description('freeze what has changed of the open data into new versions; the hub may run')
    .option('--anew', 'compute all rows again, also those that are made of the same figures as before')
    .action(async (flags: PublishFlags) => {
      const outcomes = await operate(flags, 'publish', { anew: flags.anew ?? false })
      for (const { dataset, version, withdrawn, error } of outcomes) {
        if (error) console.error(`${dataset}: ${error}; its last version stays`)
        else if (version) console.log(`${dataset}: version ${version.version}, ${version.rows} rows`)
        else console.log(`${dataset}: as it was`)
        if (withdrawn.length > 0) console.log(`${dataset}: withdrew version ${withdrawn.join(', ')}`)
      }
      if (outcomes.some(({ error }) => error !== undefined)) process.exitCode = EXIT_FAILED
    })
}
