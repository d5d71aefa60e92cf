import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProofLog, type ProofLog } from '../../publication/log/log.ts'
import { silentLog } from '../bus/fixtures.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { leaf, ORIGIN } from '../publication/log/versions.ts'
import { type Hub, NOW, startHub } from './hub.ts'

/** What answers strangers as it answers everybody. */
const FOR_EVERYBODY = ['open-data', 'road-weather', 'datex2', 'sensor-things']

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

/**
 * Asks every operation of a description for what it says and, in both modes, for what it forbids: the same
 * requests each time. Gives what was found wrong.
 */
function schemathesis(
  url: string,
  folder: string,
  ...options: string[]
): Promise<{ code: number; out: string }> {
  const args = [
    ...['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, '--phases', 'coverage'],
    ...['--checks', CHECKS.join(), '--seed', '8', '--continue-on-failure', '--generation-database', 'none'],
    ...['--suppress-health-check', 'all', '--warnings', 'off', '--no-color', ...options],
  ]
  return new Promise(resolve => {
    // It leaves folders where it runs.
    execFile(peerProgram('checkers'), args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, out, errors) =>
      resolve({ code: error ? 1 : 0, out: out + errors }),
    )
  })
}

describe.runIf(findPeer('checkers'))(
  'schemathesis finds no server error and no answer that is not described',
  () => {
    let hub: Hub
    let folder: string
    let proofLog: ProofLog
    let runs: Record<'stranger' | 'account', ReturnType<typeof schemathesis>>
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'affluent-schemathesis-'))
      const clock = { now: () => NOW, elapsed: () => 0 }
      proofLog = openProofLog({ folder, origin: () => ORIGIN, clock, log: silentLog })
      proofLog.append(leaf(1))
      hub = await startHub({ commandTimeoutMs: 100, proofLog })
      runs = {
        stranger: schemathesis(
          ...[hub.url, folder, '--mode', 'positive'],
          ...FOR_EVERYBODY.flatMap(tag => ['--exclude-tag', tag]),
        ),
        account: schemathesis(hub.url, folder, '--header', `Authorization: Bearer ${hub.token}`),
      }
      await Promise.all(Object.values(runs))
    }, 240_000)
    afterAll(async () => {
      await hub?.close()
      proofLog?.close()
      await rm(folder, { recursive: true })
    })

    it.each([
      ['stranger', 100],
      ['account', 500],
    ] as const)('for a %s', async (who, least) => {
      const { code, out } = await runs[who]
      expect(code, out).toBe(0)
      expect(Number(/(\d+) generated/.exec(out)![1])).toBeGreaterThan(least)
    })
  },
)
