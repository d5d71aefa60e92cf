import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import {
  ALERTMANAGER_VERSION,
  EEMETER_PACKAGES,
  findPeer,
  INFLUXDB_VERSION,
  INFLUXDB1_VERSION,
  type LockedName,
  LXML_PACKAGES,
  lockFile,
  NATS_VERSION,
  NODE_RED_VERSION,
  PANDAS_PACKAGES,
  PEER_NAMES,
  type PeerName,
  PYMERKLE_PACKAGES,
  PYTHON_PACKAGES,
  peerTarget,
  SCIPY_PACKAGES,
  TELEGRAF_VERSION,
  UV_PACKAGES,
} from './cache.ts'

/**
 * Installs the missing test peers before the first test. In CI a peer that cannot be had is an error; on a
 * user's machine it is named, and the tests that need it are skipped.
 */
export default function installPeers(): void {
  install(PEER_NAMES)
}

/** Installs those of the named peers that are missing. */
export function install(names: readonly PeerName[]): void {
  for (const name of names) {
    if (findPeer(name)) continue
    console.log(`Installing the test peer ${name} …`)
    try {
      INSTALLERS[name]()
    } catch (error) {
      const { message } = error as Error
      const other = DONE_BY[name]
      if (process.env.CI && !other) throw error
      console.log(
        other
          ? `${other} does the work of ${name} (${message})`
          : `Skipped: the tests with ${name} (${message})`,
      )
    }
  }
}

/** Peers that only make tests quicker than with another one. */
const DONE_BY: Partial<Record<PeerName, PeerName>> = { 'chromium-headless-shell': 'chromium' }

const INSTALLERS: Record<PeerName, () => void> = {
  influxdb: installInfluxdb,
  influxdb1: installInfluxdb1,
  python: () => installPython('python', PYTHON_PACKAGES),
  scipy: () => installPython('scipy', SCIPY_PACKAGES),
  pandas: () => installPython('pandas', PANDAS_PACKAGES),
  eemeter: () => installPython('eemeter', EEMETER_PACKAGES),
  pymerkle: () => installPython('pymerkle', PYMERKLE_PACKAGES),
  lxml: () => installPython('lxml', LXML_PACKAGES),
  uv: () => installPython('uv', UV_PACKAGES),
  checkers: () => installLocked('checkers'),
  validata: () => installLocked('validata'),
  udata: () => installLocked('udata'),
  mosquitto: () => installDebianPackage('mosquitto'),
  mbpoll: () => installDebianPackage('mbpoll'),
  telegraf: installTelegraf,
  victoriametrics: () => installDebianPackage('victoria-metrics'),
  nats: installNats,
  alertmanager: installAlertmanager,
  'node-red': installNodeRed,
  openssl: () => installDebianPackage('openssl'),
  chromium: () => installDebianPackage('chromium'),
  'chromium-headless-shell': () => installDebianPackage('chromium-headless-shell'),
  nginx: () => installDebianPackage('nginx-light'),
  wrk: () => installDebianPackage('wrk'),
}

function installDebianPackage(name: string): void {
  if (process.getuid?.() !== 0)
    throw new Error(`it is not installed, and only root may: apt-get install ${name}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env })
}

function installPython(
  name: 'python' | 'scipy' | 'pandas' | 'eemeter' | 'pymerkle' | 'lxml' | 'uv',
  packages: readonly string[],
): void {
  const folder = dirname(dirname(peerTarget(name)))
  mkdirSync(dirname(folder), { recursive: true })
  run('python3', ['-m', 'venv', folder])
  run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages])
}

/** Whole or not at all. uv fetches side by side: pip takes minutes for a hundred packages. */
function installLocked(name: LockedName): void {
  const folder = dirname(dirname(peerTarget(name)))
  mkdirSync(dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  const python = join(unfinished, 'bin', 'python')
  try {
    run('python3', ['-m', 'venv', '--without-pip', unfinished])
    run(join(dirname(peerTarget('uv')), 'uv'), [
      ...['pip', 'install', '--quiet', '--no-deps'],
      ...['--python', python, '--requirements', lockFile(name)],
    ])
    rmSync(folder, { recursive: true, force: true })
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/**
 * InfluxDB as a public Go module. Its go.mod replaces one module, which a module that requires it must repeat;
 * its flux engine is Rust, whose newer compilers turn old lints into errors.
 */
function installInfluxdb(): void {
  const target = peerTarget('influxdb')
  const folder = mkdtempSync(join(tmpdir(), 'affluent-influxdb-'))
  const bin = join(folder, 'bin')
  const wrapper = join(folder, 'rustc-wrapper')
  writeFileSync(wrapper, '#!/bin/sh\nexec "$@" --cap-lints warn\n', { mode: 0o755 })
  const env = {
    GOBIN: bin,
    GOFLAGS: '-mod=mod',
    PKG_CONFIG: join(bin, 'pkg-config'),
    RUSTC_WRAPPER: wrapper,
    RUSTUP_TOOLCHAIN: 'stable',
  }
  const go = (...args: string[]) => run('go', args, { cwd: folder, env })
  const module = 'github.com/influxdata/influxdb/v2'
  const streaming = 'nats-streaming-server'
  try {
    go('mod', 'init', 'affluent-test-peer')
    go(
      'mod',
      'edit',
      `-require=${module}@v${INFLUXDB_VERSION}`,
      `-replace=github.com/nats-io/${streaming}@v0.11.2=github.com/influxdata/${streaming}@v0.11.3-0.20201112040610-c277f7560803`,
    )
    go('install', 'github.com/influxdata/pkg-config@latest')
    go('get', `${module}/cmd/influxd@v${INFLUXDB_VERSION}`)
    go('install', `${module}/cmd/influxd`)
    moveTo(target, join(bin, 'influxd'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function installInfluxdb1(): void {
  const module = `github.com/influxdata/influxdb/cmd/influxd@v${INFLUXDB1_VERSION}`
  goInstall(peerTarget('influxdb1'), ['install', module])
}

/** Telegraf with the plugins that are compared or tested: with all of them some module sums are missing. */
function installTelegraf(): void {
  const plugins = [
    'inputs.modbus,inputs.opcua,inputs.opcua_listener,inputs.mqtt_consumer',
    'outputs.mqtt,outputs.influxdb_v2,outputs.file',
    'parsers.json_v2,parsers.json,parsers.influx,serializers.json,serializers.influx',
  ]
  const module = `github.com/influxdata/telegraf/cmd/telegraf@v${TELEGRAF_VERSION}`
  goInstall(peerTarget('telegraf'), ['install', '-tags', `custom,${plugins.join(',')}`, module])
}

function installAlertmanager(): void {
  const module = `github.com/prometheus/alertmanager/cmd/alertmanager@v${ALERTMANAGER_VERSION}`
  goInstall(peerTarget('alertmanager'), ['install', module])
}

/** Runs `go install` for one program, which gets the name of the target. */
function goInstall(target: string, args: string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-go-'))
  try {
    run('go', args, { env: { GOBIN: folder } })
    moveTo(target, join(folder, basename(target)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function installNats(): void {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-nats-'))
  try {
    run('go', ['install', `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`], { env: { GOBIN: folder } })
    moveTo(peerTarget('nats'), join(folder, 'nats-server'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder of packages of its own, so that nothing of it is among ours. */
function installNodeRed(): void {
  const folder = dirname(dirname(dirname(peerTarget('node-red'))))
  mkdirSync(dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  try {
    run('npm', [
      ...['install', '--prefix', unfinished, '--omit=dev', '--ignore-scripts'],
      ...['--no-audit', '--no-fund', `node-red@${NODE_RED_VERSION}`],
    ])
    rmSync(folder, { recursive: true, force: true })
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Whole or not at all, also where the two places are on different file systems. */
function moveTo(target: string, program: string): void {
  mkdirSync(dirname(target), { recursive: true })
  run('cp', [program, `${target}.new`])
  renameSync(`${target}.new`, target)
}

function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): void {
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error) throw new Error(`cannot run ${command}: ${result.error.message}`)
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr.slice(-2000)}`)
}
