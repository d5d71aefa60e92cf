import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientSession } from 'node-opcua'
import { afterAll, describe, expect, it } from 'vitest'
import { browseVariables } from '../../../../gateway/probe/opcua/browse.ts'
import { guessQuantity } from '../../../../gateway/probe/opcua/guess-quantity.ts'
import { readVariables } from '../../../../gateway/probe/opcua/read-variables.ts'
import { chooseSecurity } from '../../../../gateway/probe/opcua/security.ts'
import { inSession, listEndpoints, type ServerPlace } from '../../../../gateway/probe/opcua/server.ts'
import { toConnection } from '../../../../gateway/probe/opcua/to-connection.ts'
import { startOpcuaServer } from '../../../../simulators/opcua-server.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { startAsyncua } from '../../../peers/python.ts'
import { clock, log } from '../../collector.ts'
import { opcuaPoint } from '../../points.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-probe-opcua-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NONE = { securityMode: 'None', securityPolicy: 'None' } as const
const LIMITS = { depth: 8, limit: 1000, progress: () => {} }

function placeOf(url: string, signal = new AbortController().signal): ServerPlace {
  return { connection: { url, ...NONE }, folder, clock, log, signal }
}

async function look(session: ClientSession, limits: Partial<typeof LIMITS> = {}) {
  const { variables, cut } = await browseVariables(session, { ...LIMITS, ...limits })
  return { cut, read: await readVariables(session, variables) }
}

describe.runIf(findPeer('python'))('looking into an OPC-UA server, asyncua', () => {
  const TIME = '2026-01-15T08:00:00Z'
  const start = () =>
    startAsyncua({
      'ns=2;s=Energie': { value: 1234.5, time: TIME, unit: 'kWh' },
      'ns=2;s=Debit': { value: 3, type: 'Int32', time: TIME },
      'ns=2;s=Sonde': { value: 1.5, status: 'BadSensorFailure', time: TIME },
      'ns=2;s=Liste': { value: [1, 2, 3], type: 'Double', time: TIME },
    })

  it('shows the variables with type, value, unit, status and source time, and nothing of the server itself', async () => {
    const { url } = closeLater(await start())
    const { read, cut } = await inSession(placeOf(url), session => look(session))
    const time = Date.parse(TIME)
    expect(cut).toBe(false)
    expect(read.sort((a, b) => (a.node < b.node ? -1 : 1))).toEqual([
      {
        node: 'ns=2;s=Debit',
        path: 'Debit',
        type: 'Int32',
        value: 3,
        quality: 'good',
        status: 'Good',
        time,
        unit: undefined,
      },
      {
        node: 'ns=2;s=Energie',
        path: 'Energie',
        type: 'Double',
        value: 1234.5,
        quality: 'good',
        status: 'Good',
        time,
        unit: 'kWh',
      },
      {
        node: 'ns=2;s=Liste',
        path: 'Liste',
        type: 'Double[3]',
        value: null,
        quality: 'bad:undecodable',
        status: 'Good',
        time,
        unit: undefined,
      },
      {
        node: 'ns=2;s=Sonde',
        path: 'Sonde',
        type: '',
        value: null,
        quality: 'bad:sensor-fault',
        status: 'BadSensorFailure',
        time,
        unit: undefined,
      },
    ])
  })

  it('ends at its limits and says so', async () => {
    const { url } = closeLater(await start())
    await inSession(placeOf(url), async session => {
      const few = await look(session, { limit: 3 })
      expect([few.cut, few.read.length]).toEqual([true, 3])
      const flat = await look(session, { depth: 1 })
      expect([flat.cut, flat.read.length]).toEqual([true, 4])
    })
  })

  it('lists its endpoints', async () => {
    const { url } = closeLater(await start())
    expect(await listEndpoints(placeOf(url))).toContainEqual({
      ...NONE,
      logins: expect.arrayContaining(['Anonymous']),
    })
  })

  it('is stopped at once', async () => {
    const { url } = closeLater(await start())
    const stop = new AbortController()
    const waiting = inSession(placeOf(url, stop.signal), () => {
      stop.abort()
      return new Promise(() => {})
    })
    await expect(waiting).rejects.toThrow('aborted')
    await expect(listEndpoints(placeOf(url, stop.signal))).rejects.toThrow('aborted')
  })
})

describe('looking into an OPC-UA server, ours', () => {
  it('finds what stands in folders, and lists the endpoints of a server that wants security', async () => {
    const server = await startOpcuaServer({
      ...{ host: '127.0.0.1', port: 0, clock, log, pkiFolder: join(folder, 'server') },
      security: { securityMode: 'SignAndEncrypt', securityPolicy: 'Basic256Sha256' },
      points: [opcuaPoint('power', 'ns=1;s=a/power')],
      signals: new Map([['a-site/a-device/power', () => 12.5]]),
    })
    closeLater(server)
    const endpoints = await listEndpoints(placeOf(`opc.tcp://127.0.0.1:${server.port}`))
    expect(endpoints.map(({ securityMode, securityPolicy }) => `${securityMode} ${securityPolicy}`)).toEqual([
      'SignAndEncrypt Basic256Sha256',
    ])
  })

  it('finds what stands in folders', async () => {
    const server = await startOpcuaServer({
      ...{ host: '127.0.0.1', port: 0, clock, log, pkiFolder: join(folder, 'server') },
      security: NONE,
      points: [opcuaPoint('power', 'ns=1;s=a/power')],
      signals: new Map([['a-site/a-device/power', () => 12.5]]),
    })
    closeLater(server)
    const place = placeOf(`opc.tcp://127.0.0.1:${server.port}`)
    const { read } = await inSession(place, session => look(session))
    expect(read).toMatchObject([{ node: 'ns=1;s=a/power', path: 'a-site/a-device/power', value: 12.5 }])
  })
})

describe('the endpoint of a server', () => {
  const offer = (...names: string[]) =>
    names.map(name => {
      const [securityMode, securityPolicy] = name.split(' ') as [string, string]
      return { securityMode, securityPolicy, logins: [] }
    })

  it('is one without security where there is one, else the strongest, or what is wanted', () => {
    const all = offer('Sign Basic256Sha256', 'SignAndEncrypt Basic256Sha256', 'Sign Aes256_Sha256_RsaPss')
    expect(chooseSecurity(all)).toEqual({ securityMode: 'Sign', securityPolicy: 'Aes256_Sha256_RsaPss' })
    expect(chooseSecurity(all, 'Basic256Sha256')).toEqual({
      securityMode: 'SignAndEncrypt',
      securityPolicy: 'Basic256Sha256',
    })
    expect(chooseSecurity([...all, ...offer('None None')])).toEqual(NONE)
    expect(() => chooseSecurity(offer('Sign Basic256'), 'None')).toThrow(
      'the server offers Basic256, not None',
    )
  })
})

describe('what a variable measures', () => {
  it.each([
    ['Compteur/Energie active', 'Double', 'kWh', 'electricity-index kW.h'],
    ['Chaufferie/Température extérieure', 'Float', '°C', 'outdoor-temperature Cel'],
    ['Salle 12/Temp', 'Float', undefined, 'indoor-temperature Cel'],
    ['Eau froide/Index', 'UInt32', 'm³', 'water-index m3'],
    ['Pompe/Défaut', 'Boolean', undefined, 'fault 1'],
    ['Pompe/Défaut', 'Double', undefined, undefined],
    ['Chaudière/Puissance chaleur', 'Double', 'kW', 'thermal-power kW'],
    ['X', 'Double', 'm³/h', 'flow-rate m3/h'],
    ['X', 'Double', 'kW', undefined],
    ['Température', 'Double', 'furlong', undefined],
    ['Nom', 'String', undefined, undefined],
  ])('%s, %s in %s: %s', (path, type, unit, expected) => {
    const guess = guessQuantity({ path, type, unit })
    expect(guess && `${guess.quantity} ${guess.unit}`).toBe(expected)
  })

  it('is written with names that tell the points apart, and what is not known is said', () => {
    const variable = (node: string, path: string) => ({
      ...{ node, path, type: 'Double', value: 1, quality: 'good' as const, status: 'Good' },
    })
    const { connection, notes } = toConnection({ url: 'opc.tcp://h:4840', ...NONE }, 'ecole', [
      variable('ns=2;i=1', 'Salle 1/Temp'),
      variable('ns=2;i=2', 'Salle 2/Temp'),
      variable('ns=2;i=3', 'Salle 2/Temp'),
      variable('ns=2;i=4', 'Rien'),
    ])
    expect(Object.keys(connection.devices[0]!.points!)).toEqual(['temp', 'salle-2-temp', 'salle-2-temp-2'])
    expect(notes).toContain('Left out, for want of a quantity: ns=2;i=4 (Rien)')
  })
})
