import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { closeLater } from '../close-later.ts'
import { freePort } from '../peers/process.ts'
import { runAffluent } from './command-line.ts'
import { makeSmallTerritory, TEMPERATURE } from './small-territory.ts'

/** A network of one's own, with nothing in it: systems may forbid it to their users. */
const ALONE = ['unshare', '--map-root-user', '--net']
const mayBeAlone = await promisify(execFile)('unshare', [...ALONE.slice(1), 'ip', 'link']).then(
  () => true,
  () => false,
)

it.runIf(mayBeAlone)('probe, commission and watch --run need no internet (needs unshare --net)', async () => {
  const modbusPort = await freePort()
  const place = await makeSmallTerritory({ modbusPort })
  closeLater({ close: place.remove })
  const out = place.at('out')
  mkdirSync(out)
  const script = fileURLToPath(new URL('offline.sh', import.meta.url))
  const { code, err } = await runAffluent([], {
    under: [...ALONE, 'sh', script],
    env: { FLAGS: place.flags.join(' '), PORT: String(modbusPort), OUT: out },
  })
  expect(code, err).toBe(0)
  const printed = (name: string) => readFileSync(`${out}/${name}`, 'utf8')
  expect(printed('internet')).toMatch(/^E(?:NETUNREACH|HOSTUNREACH)$/m)
  expect(printed('probe')).toMatch(/^unit 1 answers$/m)
  expect(printed('probe')).toMatch(/^unit 2 answers$/m)
  expect(printed('commission')).toMatch(/^2 points: 0 failed/m)
  expect(printed('report/gw.html')).toContain('Commissioning report')
  expect(printed('watch')).toMatch(new RegExp(`^20\\S+Z ${TEMPERATURE} [\\d.]+ °C good$`, 'm'))
})
