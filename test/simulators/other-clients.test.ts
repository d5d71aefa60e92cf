import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulators, startSimulators } from '../../simulators/simulators.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { log, registry, SEED, show, signals, stoppedAt } from './territory.ts'

const NOW = Date.parse('2026-03-11T10:10:00Z')

let folder: string
let simulators: Simulators

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-simulators-'))
  simulators = await startSimulators({ registry, seed: SEED, folder, clock: stoppedAt(NOW), log })
})
afterAll(async () => {
  await simulators.close()
  await rm(folder, { recursive: true })
})

async function run(script: string, ...args: string[]): Promise<unknown[]> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await promisify(execFile)(peerProgram('python'), [path, ...args])
  return JSON.parse(stdout)
}

describe.runIf(findPeer('python'))('clients that are not ours', () => {
  test('pymodbus decodes the same values', async () => {
    const { port } = simulators.addresses.get('modbus')!
    const reads = [
      { unit: 1, table: 'holding', address: 0, type: 'UINT64', words: 'little' },
      { unit: 2, table: 'input', address: 12, type: 'FLOAT64', words: 'little' },
      { unit: 4, table: 'holding', address: 65_533, type: 'FLOAT32', words: 'big' },
      { unit: 5, table: 'input', address: 0, type: 'INT16', words: 'big' },
      { unit: 5, table: 'discrete', address: 3 },
      { unit: 5, table: 'coil', address: 10 },
      { unit: 5, table: 'input', address: 100, type: 'INT16', words: 'big' },
      { unit: 77, table: 'input', address: 0, type: 'INT16', words: 'big' },
    ]
    expect(await run('read_modbus.py', JSON.stringify({ port, reads }))).toEqual([
      Math.round(show('college/electricite/index', NOW) * 1000),
      show('college/chaleur/power', NOW),
      Math.fround(show('foyer/gaz/index', NOW)),
      Math.round(show('station/meteo/air', NOW) * 10),
      signals.get('station/meteo/raining')!(NOW),
      signals.get('station/meteo/trouble')!(NOW),
      { exception: 2 },
      { exception: 11 },
    ])
  })

  test('asyncua reads the same values and times', async () => {
    const { port } = simulators.addresses.get('opcua')!
    const nodes = ['ns=1;s=foyer/index', 'ns=3;s=power', 'ns=1;i=1001', 'ns=1;s=occupied']
    expect(await run('read_opcua.py', `opc.tcp://127.0.0.1:${port}`, ...nodes)).toEqual([
      [show('foyer/gtb/index', NOW), NOW],
      [show('foyer/gtb/power', NOW), NOW],
      [show('foyer/gtb/cooling', NOW), NOW],
      [signals.get('foyer/gtb/occupied')!(NOW), NOW],
    ])
  })
})
