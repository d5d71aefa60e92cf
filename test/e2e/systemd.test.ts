import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'

const UNIT = readFileSync(join(ROOT, 'systemd', 'affluent-gateway.service'), 'utf8')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-systemd-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

function setting(name: string): string {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(UNIT)![1]!
}

const runs = ([command, ...args]: string[]) => spawnSync(command!, args).status === 0

/**
 * What ProtectSystem=strict does: a command that runs another one, for which only `writable` can be written, without
 * the privileges of root. The code and `packed` may be on file systems of their own.
 */
function readOnlyBut(writable: string, packed: string): string[] {
  const mounts = [
    'mount --bind "$0" "$0"',
    'for folder in "$1" "$2"; do mount -o bind,ro "$folder" "$folder" || exit; done',
    'mount -o remount,bind,ro /',
    'shift 2',
    'exec setpriv --no-new-privs --bounding-set=-all "$@"',
  ]
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user']
  return ['unshare', ...user, '--mount', 'sh', '-c', mounts.join(' && '), writable, ROOT, packed]
}

it('the unit starts a packed gateway, which writes into its state folder and nowhere else', async ({
  skip,
}) => {
  const place = await makeSmallTerritory()
  onTestFinished(place.remove)
  const packed = join(folder, 'etc')
  const broker = ['--broker', 'mqtt://127.0.0.1:1', '--out', packed]
  expect((await runAffluent(['pack', 'gw', ...place.flags, ...broker, '--follow'])).err).toBe('')

  expect(setting('ProtectSystem')).toBe('strict')
  expect(setting('WorkingDirectory')).toBe('/etc/affluent')
  expect(setting('EnvironmentFile')).toBe('-/etc/affluent/gateway.env')
  const [program, ...args] = setting('ExecStart').split(' ')
  accessSync(program!.replace('/opt/affluent', ROOT), constants.X_OK)
  const state = join(folder, setting('StateDirectory'))
  await mkdir(state)
  const under = readOnlyBut(state, packed)
  skip(!runs([...under, 'true']), 'file systems may not be mounted here')
  for (const elsewhere of [ROOT, packed, folder])
    expect(runs([...under, 'touch', join(elsewhere, 'written')]), elsewhere).toBe(false)

  const placed = args.map(arg => arg.replace('/etc/affluent', packed).replace('/var/lib/affluent', state))
  const gateway = await startAffluent(placed, READY, { cwd: packed, under })
  expect((await gateway.stop('SIGTERM')).code).toBe(0)
  expect(readdirSync(state)).toContain('gateways')
})

it.runIf(runs(['systemd-analyze', '--version']))('systemd understands the unit', async () => {
  const file = join(folder, 'affluent-gateway.service')
  await writeFile(file, UNIT.replaceAll('/opt/affluent/', ROOT))
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
