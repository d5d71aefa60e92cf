import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Peers are installed once for every clone, outside of it. */
export const CACHE = process.env.AFFLUENT_PEERS ?? join(homedir(), '.cache', 'affluent-peers')

export const INFLUXDB_VERSION = '2.7.12'
export const INFLUXDB1_VERSION = '1.8.10'
export const TELEGRAF_VERSION = '1.37.2'
export const NATS_VERSION = '2.15.2'
export const ALERTMANAGER_VERSION = '0.28.1'
export const NODE_RED_VERSION = '5.0.7'
export const PYTHON_PACKAGES = ['pymodbus==3.16.1', 'pyserial==3.5', 'asyncua==2.1.0', 'frictionless==5.21.0']

export const SCIPY_PACKAGES = ['numpy==2.4.6', 'scipy==1.17.1', 'psychrolib==2.5.0']

export const PANDAS_PACKAGES = ['pandas==3.1.1', 'pyarrow==26.0.1']

/** eemeter names no versions of what it needs: these are what it was tried with, on Python 3.11. */
export const EEMETER_PACKAGES = [
  'eemeter==2.10.0',
  'numpy==1.26.4',
  'pandas==1.5.3',
  'scipy==1.13.1',
  'statsmodels==0.14.6',
]

export const PYMERKLE_PACKAGES = ['pymerkle==7.0.0']

export const LXML_PACKAGES = ['lxml==6.1.3']
export const UV_PACKAGES = ['uv==0.13.9']

/** Environments of many packages, each with a file of all their versions in python/locks/. */
export type LockedName = 'checkers' | 'validata' | 'udata'

export const PEER_NAMES = [
  'influxdb',
  'influxdb1',
  'python',
  'scipy',
  'pandas',
  'eemeter',
  'pymerkle',
  'lxml',
  'uv',
  'checkers',
  'validata',
  'udata',
  'mosquitto',
  'mbpoll',
  'telegraf',
  'victoriametrics',
  'nats',
  'alertmanager',
  'node-red',
  'openssl',
  'chromium',
  'chromium-headless-shell',
] as const
/** Those that benchmarks need and no test. */
export const BENCH_PEER_NAMES = ['nginx', 'wrk'] as const
export type PeerName = (typeof PEER_NAMES | typeof BENCH_PEER_NAMES)[number]

const CANDIDATES: Record<PeerName, string[]> = {
  influxdb: [join(CACHE, `influxdb-${INFLUXDB_VERSION}`, 'influxd')],
  influxdb1: [join(CACHE, `influxdb-${INFLUXDB1_VERSION}`, 'influxd')],
  python: [pythonWith(PYTHON_PACKAGES)],
  scipy: [pythonWith(SCIPY_PACKAGES)],
  pandas: [pythonWith(PANDAS_PACKAGES)],
  eemeter: [pythonWith(EEMETER_PACKAGES)],
  pymerkle: [pythonWith(PYMERKLE_PACKAGES)],
  lxml: [pythonWith(LXML_PACKAGES)],
  uv: [pythonWith(UV_PACKAGES)],
  checkers: [pythonLocked('checkers')],
  validata: [pythonLocked('validata')],
  udata: [pythonLocked('udata')],
  mosquitto: onPath('mosquitto'),
  mbpoll: onPath('mbpoll'),
  telegraf: [join(CACHE, `telegraf-${TELEGRAF_VERSION}`, 'telegraf')],
  victoriametrics: onPath('victoria-metrics'),
  nats: [join(CACHE, `nats-${NATS_VERSION}`, 'nats-server')],
  alertmanager: [join(CACHE, `alertmanager-${ALERTMANAGER_VERSION}`, 'alertmanager')],
  'node-red': [join(CACHE, `node-red-${NODE_RED_VERSION}`, 'node_modules', 'node-red', 'red.js')],
  openssl: onPath('openssl'),
  chromium: [...onPath('chromium'), ...onPath('google-chrome')],
  'chromium-headless-shell': onPath('chromium-headless-shell'),
  nginx: [...onPath('nginx'), '/usr/sbin/nginx'],
  wrk: onPath('wrk'),
}

/** The peer's program, or undefined where it is not installed. */
export function findPeer(name: PeerName): string | undefined {
  return CANDIDATES[name].find(isExecutable)
}

/** The peer's program; for use behind `describe.runIf(findPeer(…))`. */
export function peerProgram(name: PeerName): string {
  const program = findPeer(name)
  if (!program) throw new Error(`the test peer ${name} is not installed`)
  return program
}

/** Where an installation of the peer belongs. */
export function peerTarget(
  name:
    | 'influxdb'
    | 'influxdb1'
    | 'python'
    | 'scipy'
    | 'pandas'
    | 'eemeter'
    | 'pymerkle'
    | 'lxml'
    | 'uv'
    | LockedName
    | 'telegraf'
    | 'nats'
    | 'alertmanager'
    | 'node-red',
): string {
  return CANDIDATES[name][0]!
}

/** An environment of its own for each set of packages. */
function pythonWith(packages: readonly string[]): string {
  return join(CACHE, `python-${packages.join('-').replaceAll('==', '-')}`, 'bin', 'python')
}

/** An environment of its own for each set of versions. */
function pythonLocked(name: LockedName): string {
  const digest = createHash('sha256')
    .update(readFileSync(lockFile(name)))
    .digest('hex')
    .slice(0, 12)
  return join(CACHE, `python-${name}-${digest}`, 'bin', 'python')
}

/** Names every version of an environment. */
export function lockFile(name: LockedName): string {
  return join(import.meta.dirname, 'python', 'locks', `${name}.txt`)
}

/**
 * A file that no registry of packages carries: a schema or a script that others keep. It stands in the folder
 * `shared/checkers` beside the clone, or nowhere.
 */
export function findSharedChecker(name: string): string | undefined {
  const file = join(import.meta.dirname, '..', '..', '..', 'shared', 'checkers', name)
  return existsSync(file) ? file : undefined
}

function onPath(program: string): string[] {
  // Debian keeps daemons in /usr/sbin, which is not on every user's path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  return folders.map(folder => join(folder, program))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
