import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'

const UNIT = readFileSync(join(ROOT, 'systemd', 'affluent-gateway.service'), 'utf8')

function setting(name: string): string {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(UNIT)![1]!
}

/** Every file below a folder, with its size and when it was written. */
function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.map(
    name => `${name} ${statSync(join(folder, name)).size} ${statSync(join(folder, name)).mtimeMs}`,
  )
}

it('the unit starts a packed gateway, which writes into its state folder and nowhere else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-systemd-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const place = await makeSmallTerritory()
  onTestFinished(place.remove)
  const packed = join(folder, 'etc')
  const broker = ['--broker', 'mqtt://127.0.0.1:1', '--out', packed]
  expect((await runAffluent(['pack', 'gw', ...place.flags, ...broker, '--follow'])).err).toBe('')
  await writeFile(join(packed, 'gateway.env'), '')

  expect(setting('WorkingDirectory')).toBe('/etc/affluent')
  expect(setting('EnvironmentFile')).toBe('-/etc/affluent/gateway.env')
  const [program, ...args] = setting('ExecStart').split(' ')
  accessSync(program!.replace('/opt/affluent', ROOT), constants.X_OK)
  const state = join(folder, setting('StateDirectory'))
  const placed = args.map(arg => arg.replace('/etc/affluent', packed).replace('/var/lib/affluent', state))
  const before = filesOf(packed)
  const gateway = await startAffluent(placed, READY, { cwd: packed })
  expect((await gateway.stop('SIGTERM')).code).toBe(0)
  expect(filesOf(packed)).toEqual(before)
  expect(readdirSync(state)).toContain('gateways')
})
