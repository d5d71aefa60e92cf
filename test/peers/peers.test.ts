import ModbusRTU from 'modbus-serial'
import { describe, expect, it } from 'vitest'
import { findPeer } from './cache.ts'
import { launchChromium } from './chromium.ts'
import { startInfluxdb } from './influxdb.ts'
import { startMosquitto } from './mosquitto.ts'
import { startAsyncua, startPymodbus } from './python.ts'

describe('the test peers', () => {
  it.runIf(findPeer('python'))('pymodbus serves the four tables and takes changes', async () => {
    const peer = await startPymodbus({
      1: { holding: { 100: [1, 2] }, input: { 5: [7] }, coil: { 0: [true, false] }, discrete: { 3: [true] } },
    })
    const client = new ModbusRTU.default()
    await client.connectTCP('127.0.0.1', { port: peer.port })
    client.setID(1)
    client.setTimeout(2000)
    await peer.set(1, 'holding', 101, [9])
    await peer.set(1, 'input', 5, [8])
    await peer.set(1, 'discrete', 3, [false])
    expect((await client.readHoldingRegisters(100, 2)).data).toEqual([1, 9])
    expect((await client.readInputRegisters(5, 1)).data).toEqual([8])
    expect((await client.readCoils(0, 2)).data.slice(0, 2)).toEqual([true, false])
    expect((await client.readDiscreteInputs(3, 1)).data[0]).toBe(false)
    await expect(client.readHoldingRegisters(300, 1)).rejects.toMatchObject({ modbusCode: 2 })
    client.close(() => {})
    await peer.close()
  })

  it.runIf(findPeer('python'))('asyncua serves values with source time and status', async () => {
    const peer = await startAsyncua({ 'ns=2;s=Temperature': { value: 1.5 } })
    const { AttributeIds, OPCUAClient } = await import('node-opcua')
    const client = OPCUAClient.create({ endpointMustExist: false })
    await client.connect(peer.url)
    const session = await client.createSession()
    const read = () => session.read({ nodeId: 'ns=2;s=Temperature', attributeId: AttributeIds.Value })
    await peer.set('ns=2;s=Temperature', { value: -3.25, time: '2026-01-15T08:00:00Z' })
    const good = await read()
    expect([good.value.value, good.sourceTimestamp?.toISOString()]).toEqual([
      -3.25,
      '2026-01-15T08:00:00.000Z',
    ])
    await peer.set('ns=2;s=Temperature', { value: null, status: 'BadSensorFailure' })
    expect((await read()).statusCode.name).toBe('BadSensorFailure')
    await session.close()
    await client.disconnect()
    await peer.close()
  })

  it.runIf(findPeer('mosquitto'))('Mosquitto starts, stops and starts again', async () => {
    const peer = await startMosquitto()
    await peer.stop()
    await peer.start()
    await peer.close()
  })

  it.runIf(findPeer('influxdb'))('InfluxDB is set up and keeps its data over a restart', async () => {
    const peer = await startInfluxdb()
    const headers = { Authorization: `Token ${peer.token}` }
    const write = await fetch(`${peer.url}/api/v2/write?org=${peer.org}&bucket=${peer.bucket}&precision=ms`, {
      method: 'POST',
      headers,
      body: 'm v=1 1700000000000',
    })
    expect(write.status).toBe(204)
    await peer.stop()
    await peer.start()
    const query = await fetch(
      `${peer.url}/query?db=${peer.bucket}&q=${encodeURIComponent('SELECT v FROM m')}`,
      { headers },
    )
    expect(await query.text()).toContain('2023-11-14T22:13:20Z')
    await peer.close()
  })

  it.runIf(findPeer('chromium'))('Chromium opens a page', async () => {
    const browser = await launchChromium()
    const page = await browser.newPage()
    await page.setContent('<title>Affluent</title>')
    expect(await page.title()).toBe('Affluent')
    await browser.close()
  })
})
