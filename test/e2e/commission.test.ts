import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { encodeRegisters } from '../../model/register-values.ts'
import { closeLater } from '../close-later.ts'
import { findPeer } from '../peers/cache.ts'
import { startPymodbus } from '../peers/python.ts'
import { runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'

const BIG = { wordOrder: 'big', byteOrder: 'big' } as const

it.runIf(findPeer('python'))(
  'affluent commission reads a gateway, names a wrong scale, and writes the report in both languages',
  async () => {
    const meter = encodeRegisters({ type: 'uint64', ...BIG }, 123_456_000)
    const peer = closeLater(
      await startPymodbus({ 1: { holding: { 0: meter } }, 2: { input: { 5: [2150] } } }),
    )
    const place = await makeSmallTerritory({ modbusPort: peer.port })
    closeLater({ close: place.remove })
    const commission = (...args: string[]) =>
      runAffluent(['commission', 'gw', ...place.flags, '--every', '200ms', ...args])

    const { code, out } = await commission(
      '--for',
      '2s',
      '--out',
      place.at('fr'),
      '--shows',
      `${INDEX}=12345.6`,
    )
    expect(code).toBe(2)
    // pymodbus has no input register 0.
    expect(out).toMatch(new RegExp(`^${TEMPERATURE}: joignable : refusé .*input 0`, 'm'))
    expect(out).toMatch(
      new RegExp(`^${INDEX}: afficheur : lu 123456, affiché 12345.6 : 10 fois trop grand`, 'm'),
    )
    expect(out).toMatch(/^2 points : 2 en défaut/m)
    // Nothing is held against a connection that is still being made.
    expect(out).not.toContain('pas de connexion')
    expect(readFileSync(place.at('fr/gw.html'), 'utf8')).toContain('Procès-verbal de mise en service')
    expect(readFileSync(place.at('fr/gw.csv'), 'utf8')).toContain(`${INDEX};Index électrique;123456;kWh;`)

    const english = await commission('--for', '1s', '--language', 'en', '--out', place.at('en'))
    expect(english.out).toMatch(/^2 points: 1 failed, 1 to look at, 0 passed\.$/m)
    expect(readFileSync(place.at('en/gw.html'), 'utf8')).toContain('Commissioning report')
    writeFileSync(place.at('gw.html'), '')
    expect(await commission('--out', place.folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('gw.html exists'),
    })
    expect((await commission('--shows', 'a/b/c=1')).err).toContain(
      `gw has no point a/b/c; there are ${INDEX}, ${TEMPERATURE}`,
    )
    expect((await commission('--shows', `${INDEX}=1=2`)).err).toContain('Write it like')
  },
)

it.runIf(findPeer('python'))('affluent commission and watch read a gateway on a serial line', async () => {
  const meter = encodeRegisters({ type: 'uint64', ...BIG }, 123_456_000)
  const contents = { 1: { holding: { 0: meter } }, 2: { input: { 0: [2150] } } }
  const peer = closeLater(await startPymodbus(contents, 0, 'serial'))
  const place = await makeSmallTerritory({ serial: peer.path })
  closeLater({ close: place.remove })
  const watch = await startAffluent(
    ['watch', ...place.flags, '--run', 'gw'],
    new RegExp(`^20\\S+Z ${TEMPERATURE} 21\\.5 °C good$`, 'm'),
  )
  expect((await watch.stop('SIGINT')).out).toMatch(new RegExp(`Z ${INDEX} 123456 kWh good$`, 'm'))

  const flags = ['commission', 'gw', ...place.flags, '--language', 'en', '--for', '3s', '--every', '200ms']
  const shows = ['--shows', `${INDEX}=123456`, '--shows', `${TEMPERATURE}=215`]
  const { code, out } = await runAffluent([...flags, ...shows, '--out', place.at('out')])
  expect(code).toBe(2)
  expect(out).toContain(`${TEMPERATURE}: display: 21.5 was read, 215 is shown: 10 times too small`)
  expect(out).toMatch(/^2 points: 1 failed, 1 to look at, 0 passed\.$/m)
  expect(readFileSync(place.at('out/gw.csv'), 'utf8')).toContain('123456')
})

it('Ctrl-C ends the observation, and the report is written', async () => {
  const place = await makeSmallTerritory({ modbusPort: 1 })
  closeLater({ close: place.remove })
  const running = await startAffluent(
    ['commission', 'gw', ...place.flags, '--out', place.at('out'), '--language', 'en'],
    /^college: failed: cannot connect to/m,
  )
  const { code, out } = await running.stop('SIGINT')
  expect(code).toBe(2)
  expect(out).toMatch(/^Written: .*gw\.html$/m)
})
