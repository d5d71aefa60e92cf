import { Command } from 'commander'
import { VERSION } from './commands/version.ts'
import { RegistryError } from './registry/problem.ts'

/** The command line. A wrong word, file or setting, or a port in use, ends with one clear line and exit 2. */

const EXIT_REFUSED = 2

const program = new Command('affluent')
  .description('A smart-territory data hub for public buildings and roads.')
  .version(VERSION)
  .showHelpAfterError('(affluent --help lists the commands)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_REFUSED))

/** In the order of the help. Only the command that is asked for is loaded; for anything else, all of them. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  start: async () => (await import('./commands/start.ts')).addStart,
  check: async () => (await import('./commands/check.ts')).addCheck,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulate,
  scenario: async () => (await import('./commands/scenario.ts')).addScenario,
  rules: async () => (await import('./commands/rules.ts')).addRules,
  points: async () => (await import('./commands/points.ts')).addPoints,
  probe: async () => (await import('./commands/probe.ts')).addProbe,
  trust: async () => (await import('./commands/trust.ts')).addTrust,
  commission: async () => (await import('./commands/commission.ts')).addCommission,
  pack: async () => (await import('./commands/pack.ts')).addPack,
  watch: async () => (await import('./commands/watch.ts')).addWatch,
  status: async () => (await import('./commands/status.ts')).addStatus,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/backup.ts')).addRestore,
  import: async () => (await import('./commands/import.ts')).addImport,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  export: async () => (await import('./commands/export.ts')).addExport,
  publish: async () => (await import('./commands/publish.ts')).addPublish,
  store: async () => (await import('./commands/store.ts')).addStore,
  token: async () => (await import('./commands/tokens.ts')).addToken,
  'login-link': async () => (await import('./commands/tokens.ts')).addLoginLink,
  access: async () => (await import('./commands/tokens.ts')).addAccess,
  distributor: async () => (await import('./commands/distributor.ts')).addDistributor,
  dashboards: async () => (await import('./commands/dashboards.ts')).addDashboards,
  quarantine: async () => (await import('./commands/quarantine.ts')).addQuarantine,
  'accept-unit': async () => (await import('./commands/accept-unit.ts')).addAcceptUnit,
  influx: async () => (await import('./commands/influx.ts')).addInflux,
}

const [, , asked = ''] = process.argv
const wanted = Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands)
for (const add of await Promise.all(wanted.map(load => load()))) add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'AbortError') {
    console.error(error instanceof RegistryError || !process.env.DEBUG ? (error as Error).message : error)
    process.exitCode = EXIT_REFUSED
  }
}
process.exit()
