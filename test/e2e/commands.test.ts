import { readFileSync } from 'node:fs'
import ModbusRTU from 'modbus-serial'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'
import { until } from './until.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory()
})
afterAll(() => place.remove())

describe('affluent', () => {
  it('--help lists the commands, and each has its own', async () => {
    const { code, out } = await runAffluent(['--help'])
    expect(code).toBe(0)
    const commands = ['start', 'check', 'simulate', 'status', 'token', 'login-link', 'dashboards']
    for (const command of [...commands, 'points', 'probe', 'commission', 'watch'])
      expect(out).toContain(command)
    const start = await runAffluent(['start', '--help'])
    expect(start.code).toBe(0)
    for (const option of ['--roles', '--http-port', '--mqtt-port', '--data'])
      expect(start.out).toContain(option)
  })

  it('bin/affluent.js runs from any folder, whose hub.yaml it takes', async () => {
    const { code, out, err } = await runAffluent(['check'], {
      cwd: place.folder,
      program: `${ROOT}bin/affluent.js`,
    })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Trial: 1 site, 1 gateway, 2 points, 1 meter, 1 rule; hash [0-9a-f]{12}\n$/)
  })

  it('bin/affluent.cmd starts it on Windows as bin/affluent.js does here', () => {
    const [script, batch] = ['js', 'cmd'].map(ending => readFileSync(`${ROOT}bin/affluent.${ending}`, 'utf8'))
    const [, flags] = /^#!\/usr\/bin\/env -S node (.+)$/m.exec(script!)!
    expect(batch).toContain(`"%NODE%" ${flags} "%~dp0affluent.js" %*\r\n`)
    expect(batch!.replaceAll('\r\n', '')).not.toContain('\n')
  })

  it('check says that the demonstration is sound', async () => {
    const { code, out } = await runAffluent(['check'])
    expect(code).toBe(0)
    expect(out).toMatch(/^Orvanne Valley: 20 sites/)
  })

  it('points are exported as CSV and imported again', async () => {
    const csv = place.at('points.csv')
    expect(await runAffluent(['points', 'export', ...place.flags, '--out', csv])).toMatchObject({
      code: 0,
      err: '',
    })
    const { code, out } = await runAffluent(['points', 'import', csv])
    expect(code).toBe(0)
    expect(out).toMatch(/^# Made of points\.csv.*\ngateways:\n {2}- name: Passerelle\n {4}id: gw\n/)
    expect(await runAffluent(['points', 'import', csv, '--out', place.at('again.yaml')])).toMatchObject({
      code: 0,
    })
    expect(readFileSync(place.at('again.yaml'), 'utf8')).toBe(out)
    expect(await runAffluent(['points', 'import', place.at('none.csv')])).toMatchObject({
      code: 2,
      err: `there is no file ${place.at('none.csv')}\n`,
    })
    const again = await runAffluent(['points', 'export', ...place.flags, '--out', csv])
    expect(again).toMatchObject({ code: 2, err: `${csv} exists already: name another file\n` })
  })

  it('simulate says where the devices answer, and they do', async () => {
    const simulators = await startAffluent(['simulate', ...place.flags], /^college: 127\.0\.0\.1:(\d+)$/m)
    const client = new ModbusRTU.default()
    await client.connectTCP('127.0.0.1', { port: Number(simulators.match[1]) })
    client.setID(2)
    client.setTimeout(2000)
    const { data } = await client.readInputRegisters(0, 1)
    expect(data[0]! / 100).toBeGreaterThan(5)
    client.close(() => {})
    expect((await simulators.stop('SIGINT')).code).toBe(0)
  })

  it('status asks the hub that runs on a data folder, and looks itself where none does', async () => {
    const hub = await startAffluent(['start', ...place.startFlags], READY)
    const running = await until(
      () => runAffluent(['status', ...place.flags]),
      ({ out }) => /^gw indexes /m.test(out),
    )
    expect(running.out).toMatch(/^The hub runs as process \d+\.$/m)
    await hub.stop('SIGKILL')
    const { code, out } = await runAffluent(['status', ...place.flags])
    expect(code).toBe(0)
    expect(out).toMatch(/^No hub runs on this data folder\.$/m)
    expect(out).toMatch(/^gw indexes \S+: \d+$/m)
    const nowhere = await runAffluent(['status', '--data', place.at('nowhere')])
    expect(nowhere).toMatchObject({ code: 2, err: `there is no data folder ${place.at('nowhere')}\n` })
  })

  it('token makes one that writes, also while the hub runs', async () => {
    const hub = await startAffluent(['start', ...place.startFlags], READY)
    const url = hub.match[1]!
    const { alerts } = await until(
      () => ask(`${url}/v1/alerts`),
      answer => answer.alerts.length > 0,
    )
    const acknowledge = (token: string) =>
      fetch(`${url}/v1/alerts/${alerts[0].id}/acknowledge`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      })
    expect((await acknowledge('affluent_invented')).status).toBe(401)

    const { code, out } = await runAffluent(['token', '--actor', 'night-shift', ...place.flags])
    expect(code).toBe(0)
    expect(out).toMatch(/^affluent_[\w-]+\n$/)
    const answer = await acknowledge(out.trim())
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'night-shift' })

    const listed = await runAffluent(['access', 'list', ...place.flags])
    expect(listed.out).toMatch(/^night-shift\tadministrator\tapi\tsince \S+\tuntil revoked$/m)
    expect(listed.out).not.toContain(out.trim())
    expect(await runAffluent(['access', 'revoke', 'night-shift', ...place.flags])).toMatchObject({ code: 0 })
    expect((await acknowledge(out.trim())).status).toBe(401)
    expect((await hub.stop('SIGTERM')).out).not.toContain(out.trim())
  })

  it('login-link makes one that opens a session once, and ends those before it', async () => {
    const fresh = await makeSmallTerritory()
    const hub = await startAffluent(['start', ...fresh.startFlags], READY)
    const url = hub.match[1]!
    const tokenOf = (text: string) => /\/login\?token=(\S+)/.exec(text)![1]!
    const logIn = async (token: string) =>
      (
        await fetch(`${url}/login`, {
          method: 'POST',
          body: new URLSearchParams({ token }),
          redirect: 'manual',
        })
      ).status

    const link = await runAffluent(['login-link', ...fresh.flags])
    expect(link).toMatchObject({ code: 0, err: '' })
    expect(link.out).toMatch(`${url}/login?token=`)
    expect(await logIn(tokenOf(hub.out()))).toBe(401)
    expect(await logIn(tokenOf(link.out))).toBe(303)
    expect(await logIn(tokenOf(link.out))).toBe(401)
    await hub.stop('SIGTERM')
    await fresh.remove()
  })
})
