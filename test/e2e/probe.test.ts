import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeRegisters } from '../../model/register-values.ts'
import { findPeer } from '../peers/cache.ts'
import { type PymodbusPeer, startAsyncua, startPymodbus } from '../peers/python.ts'
import { runAffluent, startAffluent } from './command-line.ts'

const BIG = { wordOrder: 'big', byteOrder: 'big' } as const
const TERRITORY = `territory:
  id: essai
  name: Essai
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
  - { id: ecole, name: École, kind: building, commune: "96204", position: { lat: 48.3, lon: 3 } }
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-probe-'))
  writeFileSync(join(folder, 'territory.yaml'), TERRITORY)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.runIf(findPeer('python'))('affluent probe modbus, on pymodbus', () => {
  let peer: PymodbusPeer
  let place: string
  beforeAll(async () => {
    const electricity = [
      ...encodeRegisters({ type: 'uint64', ...BIG }, 123_456_789),
      ...encodeRegisters({ type: 'float32', ...BIG }, 11.5),
    ]
    peer = await startPymodbus({
      1: { holding: { 0: electricity, 70: encodeRegisters({ type: 'uint32', ...BIG }, 123_456) } },
      4: { input: { 9: [1] } },
    })
    place = `127.0.0.1:${peer.port}`
  })
  afterAll(() => peer.close())
  const probe = (...args: string[]) => runAffluent(['probe', 'modbus', place, '--pause', '0ms', ...args])

  it('finds the units, names the model of one, and writes what check accepts', async () => {
    const file = join(folder, 'found.yaml')
    const flags = ['--units', '1-5', '--identify', '--yaml', file, '--site', 'ecole']
    const { code, out, err } = await probe(...flags)
    expect(code, err).toBe(0)
    expect(out).toMatch(/^unit 1 answers$/m)
    expect(out).toMatch(/^unit 4 answers$/m)
    expect(out).toMatch(
      /^ {2}generic\/electricity-meter .*: 2 of 2 points are plausible, such as index 123456\.789 kWh/m,
    )
    const yaml = readFileSync(file, 'utf8')
    expect(yaml).toContain('model: generic/electricity-meter\n')
    expect(yaml).toMatch(/^# unit-1: generic\/electricity-meter is a guess by its registers \(2 of 2/m)
    expect(yaml).toMatch(/^# Left out: unit 4, which is like none of the models\.$/m)
    const check = await runAffluent(['check', '--territory', folder])
    expect(check.out).toMatch(/^Essai: 1 site, 1 gateway, 2 points/)
    expect(await probe(...flags)).toMatchObject({
      code: 2,
      err: `${file} exists already: name another file\n`,
    })
    await rm(file)
  })

  it('shows every decoding of a register, marks what the display shows, and writes it', async () => {
    const file = join(folder, 'found.yaml')
    const shows = ['--shows', '12345,6', '--quantity', 'electricity-index']
    const { code, out } = await probe(
      '--unit',
      '1',
      '--register',
      '40071',
      ...shows,
      '--yaml',
      file,
      '--site',
      'ecole',
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^uint32 int32 +big +big +0001 e240 .* 12345\.6\*/m)
    expect(readFileSync(file, 'utf8')).toContain('type: uint32\n                  scale: 0.1')
    expect((await runAffluent(['check', '--territory', folder])).out).toMatch(
      /^Essai: 1 site, 1 gateway, 1 point,/,
    )
    await rm(file)
  })

  it('scans what answers, and looks for what the display shows', async () => {
    const { out } = await probe('--unit', '1', '--to', '80')
    expect(out).toMatch(/^holding 0 \(40001\) to holding 5 \(40006\)$/m)
    expect(out).toMatch(/^ +70 +40071 +0001 e240$/m)
    const found = await probe('--unit', '1', '--to', '80', '--table', 'holding', '--shows', '12345.6')
    expect(found.out).toMatch(/^ +70 +40071 +uint32 int32 +big +big +0001 e240 +0\.1 +12345\.6$/m)
  })

  it('says what to do where there is nothing', async () => {
    // What the display shows stands nowhere: whoever asks by a script must notice, too.
    for (const where of [
      ['--address', '0'],
      ['--to', '10'],
    ])
      expect((await probe('--unit', '1', ...where, '--shows', '987654321')).code).toBe(2)
    const { code, err } = await probe('--unit', '1', '--address', '60')
    expect(code).toBe(2)
    expect(err).toBe(
      `unit 1 on ${place} answers exception 2 for holding address 60 (40061): the device has no such register; addresses count from 0 here, from 1 in many manuals: try --address 59, --address 40061 where the number in the manual is the address, or see which it has: --from 40 --to 80\n`,
    )
    expect(await probe('--unit', '9', '--register', '70')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^70 is no register number: write one like 40071 or 400071/),
    })
    expect(await probe('--register', '40071')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--unit'),
    })
  })

  it('does so on a serial line', async () => {
    const line = await startPymodbus({ 2: { holding: { 70: [215] } } }, 0, 'serial')
    const { code, out } = await runAffluent([
      'probe',
      'modbus',
      '--serial',
      line.path,
      '--unit',
      '2',
      '--register',
      '40071',
      '--shows',
      '21.5',
    ])
    expect(code).toBe(0)
    expect(out).toMatch(/^uint16 int16 +big +00d7 .* 21\.5\*/m)
    await line.close()
    expect(await runAffluent(['probe', 'modbus'])).toMatchObject({
      code: 2,
      err: 'give either a host, such as 10.1.2.3:502, or a serial line with --serial\n',
    })
  })

  it('Ctrl-C ends it at once', async () => {
    const running = await startAffluent(
      ['probe', 'modbus', place, '--timeout', '30s', '--units', '1-9'],
      /^unit 1 answers$/m,
    )
    const { code, err } = await running.stop('SIGINT')
    expect(code).toBe(0)
    expect(err).not.toContain('cut off')
  })
})

describe.runIf(findPeer('python'))('affluent probe opcua, on asyncua', () => {
  it('lists endpoints and variables, and writes what check accepts', async () => {
    const peer = await startAsyncua({
      'ns=2;s=Energie': { value: 1234.5, unit: 'kWh' },
      'ns=2;s=Salle': { value: 20.5, unit: '°C' },
    })
    const file = join(folder, 'found.yaml')
    const flags = ['probe', 'opcua', peer.url, '--data', join(folder, 'data')]
    const { code, out, err } = await runAffluent([
      ...flags,
      '--filter',
      'energie',
      '--yaml',
      file,
      '--site',
      'ecole',
    ])
    expect(code, err).toBe(0)
    expect(out).toMatch(/^None +None +.*Anonymous/m)
    expect(out).toMatch(/^ns=2;s=Energie +Energie +Double +1234\.5 +kWh +Good +20\d\d-.*Z$/m)
    expect(out).not.toContain('Salle')
    expect((await runAffluent(['check', '--territory', folder])).out).toMatch(
      /^Essai: 1 site, 1 gateway, 1 point,/,
    )
    await rm(file)
    const none = await runAffluent([...flags, '--filter', 'nowhere', '--yaml', file, '--site', 'ecole'])
    expect(none).toMatchObject({ code: 2, out: expect.stringContaining('There are no such variables') })
    expect(existsSync(file)).toBe(false)
    await peer.close()
    const gone = await runAffluent([...flags, '--endpoints'])
    expect(gone).toMatchObject({ code: 2, err: `cannot connect to ${peer.url}: nobody answers there\n` })
  })
  it('logs in with the password of a variable, which the YAML names', async () => {
    const security = { policies: ['NoSecurity'], users: { hub: 'secret' }, folder }
    const peer = await startAsyncua({ 'ns=2;s=Energie': { value: 1, unit: 'kWh' } }, 0, security)
    const file = join(folder, 'login.yaml')
    const flags = ['probe', 'opcua', peer.url, '--data', join(folder, 'data'), '--username', 'hub']
    const yaml = ['--yaml', file, '--site', 'ecole']
    expect((await runAffluent(flags)).err).toContain('--username needs a password: set OPCUA_PASSWORD, or')
    const env = { OPCUA_PASSWORD: 'secret' }
    expect((await runAffluent([...flags, ...yaml], { env })).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/password: \$\{OPCUA_PASSWORD\}$/m)
    expect((await runAffluent(['check', '--territory', folder], { env })).code).toBe(0)
    const wrong = await runAffluent(flags, { env: { OPCUA_PASSWORD: 'wrong' } })
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.err).toContain('the server refuses the login: check login.username and login.password')
    await rm(file)
    await peer.close()
  })
})
