import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAcceptUnit } from './commands/accept-unit.ts'
import { addBackup } from './commands/backup.ts'
import { addCheck } from './commands/check.ts'
import { addDashboards } from './commands/dashboards.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addInflux } from './commands/influx.ts'
import { addQuarantine } from './commands/quarantine.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addStore } from './commands/store.ts'
import { addTokens } from './commands/tokens.ts'
import { RegistryError } from './registry/problem.ts'

/** The command line. A wrong word, file or setting, or a port in use, ends with one clear line and exit 2. */

const EXIT_REFUSED = 2

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

const program = new Command('affluent')
  .description('A smart-territory data hub for public buildings and roads.')
  .version(version)
  .showHelpAfterError('(affluent --help lists the commands)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_REFUSED))

const commands = [
  addStart,
  addCheck,
  addSimulate,
  addStatus,
  addBackup,
  addImport,
  addExport,
  addStore,
  addTokens,
  addDashboards,
  addQuarantine,
  addAcceptUnit,
  addInflux,
]
for (const add of commands) add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'AbortError') {
    console.error(error instanceof RegistryError || !process.env.DEBUG ? (error as Error).message : error)
    process.exitCode = EXIT_REFUSED
  }
}
process.exit()
