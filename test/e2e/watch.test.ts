import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { closeLater } from '../close-later.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { freePort } from '../peers/process.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'

const A_READING = new RegExp(`^20\\S+Z ${INDEX} [\\d.]+ kWh good$`, 'm')

it('affluent watch tells the readings and statuses that a broker carries, a line each', async () => {
  const place = await makeSmallTerritory()
  closeLater({ close: place.remove })
  const port = String(await freePort())
  const flags = [...place.flags, '--http-port', '0', '--mqtt-port', port]
  const hub = await startAffluent(['start', ...flags], READY)
  const broker = `mqtt://127.0.0.1:${port}`
  const watch = await startAffluent(
    ['watch', ...place.flags, '--broker', broker, '--filter', 'electricite'],
    /^gw: online, \d+ readings wait, outbox .* full.*\n(?:.*\n)*gw, college: connected$/m,
  )
  const readings = await startAffluent(['watch', ...place.flags, '--broker', broker], A_READING)
  const { code, out } = await watch.stop('SIGINT')
  expect(code).toBe(0)
  expect(out).not.toContain(TEMPERATURE)
  expect((await readings.stop('SIGINT')).code).toBe(0)
  await hub.stop('SIGTERM')
})

it.runIf(findPeer('python'))(
  'affluent watch --run reads a gateway here; on a terminal it is a table',
  async () => {
    const modbusPort = await freePort()
    const place = await makeSmallTerritory({ modbusPort })
    closeLater({ close: place.remove })
    const simulators = await startAffluent(['simulate', ...place.flags], /^college:/m)
    const lines = await startAffluent(['watch', ...place.flags, '--run', 'gw'], A_READING)
    expect((await lines.stop('SIGINT')).code).toBe(0)
    expect(await runAffluent(['watch', ...place.flags, '--run', 'nobody'])).toMatchObject({ code: 2 })

    const terminal = fileURLToPath(new URL('../peers/python/terminal.py', import.meta.url))
    const command = [process.execPath, `${ROOT}main.ts`, 'watch', ...place.flags, '--run', 'gw']
    // Ctrl-C as soon as both points have their values.
    const prompt = '2 points: 0 bad, 0 silent, 0 not heard yet'
    const { stdout } = await promisify(execFile)(peerProgram('python'), [
      terminal,
      prompt,
      '\x03',
      ...command,
    ])
    expect(stdout).toMatch(/college\/ambiance\/temperature +[\d.]+ °C/)
    const [entered, left] = ['\x1b[?1049h', '\x1b[?1049l'].map(code => stdout.indexOf(code))
    expect([entered, left! > entered!]).toEqual([0, true])
    await simulators.stop('SIGINT')
  },
)
