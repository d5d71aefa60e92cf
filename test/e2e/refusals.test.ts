import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
let other: Server
let taken: number
beforeAll(async () => {
  other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  taken = (other.address() as AddressInfo).port
  place = await makeSmallTerritory()
})
afterAll(async () => {
  other.close()
  await place.remove()
})

/** What a person is told: log lines, which are JSON, are for a file. */
const linesFor = (err: string) =>
  err
    .trimEnd()
    .split('\n')
    .filter(line => !line.startsWith('{'))

async function refused(args: readonly string[], cwd?: string): Promise<string> {
  const { code, out, err } = await runAffluent(args, { cwd })
  expect(code).toBe(2)
  expect(out).not.toContain('ready')
  const lines = linesFor(err)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

describe('affluent start is refused with one line and exit 2', () => {
  it('a port of HTTP that is in use', async () => {
    const line = await refused(['start', ...place.startFlags, '--http-port', String(taken)])
    expect(line).toMatch(`127.0.0.1:${taken} is in use`)
    expect(line).toContain('--http-port')
  })

  it('a port of MQTT that is in use', async () => {
    const line = await refused(['start', ...place.startFlags, '--mqtt-port', String(taken)])
    expect(line).toMatch(`MQTT: 127.0.0.1:${taken} is in use`)
    expect(line).toContain('--mqtt-port')
  })

  it('a port of a simulator that is in use', async () => {
    const blocked = await makeSmallTerritory({ modbusPort: taken })
    const line = await refused(['start', ...blocked.startFlags])
    expect(line).toMatch(`college: cannot simulate 127.0.0.1:${taken}: the port is in use`)
    await blocked.remove()
  })

  it('a data folder that another hub holds', async () => {
    const first = await startAffluent(['start', ...place.startFlags], READY)
    expect(await refused(['start', ...place.startFlags])).toContain('is held by another process')
    expect((await fetch(`${first.match[1]}/health/ready`)).status).toBe(200)
    await first.stop('SIGTERM')
  })

  it('a territory that is not there', async () => {
    const line = await refused(['start', ...place.startFlags, '--territory', place.at('nowhere.yaml')])
    expect(line).toContain(place.at('nowhere.yaml'))
  })

  it('settings that are not there', async () => {
    const line = await refused(['start', '--hub', place.at('nothing.yaml')])
    expect(line).toContain(place.at('nothing.yaml'))
  })

  it('a wrong key of the settings, with its file and line', async () => {
    const file = place.at('wrong.yaml')
    await writeFile(file, 'territory: territory.yaml\nhttp:\n  prot: 8080\n')
    expect(await refused(['start', '--hub', file])).toMatch(/wrong\.yaml:3(:\d+)?\b.*prot/)
  })

  it('a host that others reach, unless that is meant, and then with a warning', async () => {
    const file = place.at('open.yaml')
    const settings = 'territory: territory.yaml\nhttp: { host: 0.0.0.0, port: 0 }\nmqtt: { port: 0 }\n'
    await writeFile(file, settings)
    const flags = ['start', '--hub', file, '--data', place.data]
    expect(await refused(flags)).toMatch(/open\.yaml:2.*allowRemote/)

    await writeFile(file, `${settings}allowRemote: true\nsimulators: { historyMonths: 0 }\n`)
    const hub = await startAffluent(flags, READY)
    expect(linesFor(hub.err())).toEqual([expect.stringMatching(/^warning: HTTP listens on 0\.0\.0\.0/)])
    await hub.stop('SIGTERM')
  })
})

describe('the command line is refused with exit 2', () => {
  it.each([
    ['an unknown command', ['begin'], /unknown command/],
    ['an unknown option', ['start', '--prot', '1'], /unknown option/],
    ['an unknown role', ['start', '--roles', 'gateway,cook'], /no role cook/],
    ['a port that is none', ['start', '--http-port', '70000'], /0 to 65535/],
    ['a token for nobody', ['token'], /--actor, --person or --reader/],
    ['a token for a person who is not there', ['token', '--person', 'nobody-1'], /no person nobody-1/],
  ])('%s', async (_, args, message) => {
    const { code, err } = await runAffluent(args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^\s+at /m)
  })
})
