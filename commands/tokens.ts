import { join } from 'node:path'
import type { Command } from 'commander'
import { createApiToken } from '../api/auth/tokens.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { openRecordStore } from '../store/records/record-store.ts'
import { type CommonFlags, parseCount, settingsOptions, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'
import { clock } from './process.ts'

/** SQLite lets a token be written beside a running hub. */
export function addToken(program: Command): void {
  withCommonFlags(program.command('token'))
    .description('make an API token for a script; it is shown once')
    .requiredOption('--actor <name>', 'who writes with it, as the audit shows it')
    .option('--expires-in-days <n>', 'default: valid until revoked', parseCount)
    .action(async (flags: CommonFlags & { actor: string; expiresInDays?: number }) => {
      const { settings } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
      const records = openRecordStore({ file: join(settings.data, 'records.sqlite') })
      const { actor, expiresInDays } = flags
      const { token } = createApiToken({ records, clock, actor, expiresInDays })
      records.close()
      console.log(token)
    })
}

export function addLoginLink(program: Command): void {
  withCommonFlags(program.command('login-link'))
    .description('make a one-time link that opens a session of the administrator; the links before it end')
    .action(async (flags: CommonFlags) => console.log(await operate(flags, 'makeLoginLink', {})))
}
