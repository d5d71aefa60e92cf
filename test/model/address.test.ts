import { expect, it } from 'vitest'
import { formatAddress, isLoopback, ListenError, parseAddress } from '../../model/address.ts'

it('writes addresses as URLs do', () => {
  expect(formatAddress({ host: '127.0.0.1', port: 80 })).toBe('127.0.0.1:80')
  expect(formatAddress({ host: '::1', port: 80 })).toBe('[::1]:80')
})

it('reads addresses as URLs write them', () => {
  expect(parseAddress('10.1.2.3', 502)).toEqual({ host: '10.1.2.3', port: 502 })
  expect(parseAddress('meter.example:1502', 502)).toEqual({ host: 'meter.example', port: 1502 })
  expect(parseAddress('[::1]:80', 502)).toEqual({ host: '::1', port: 80 })
  expect(parseAddress('[::1]', 502)).toEqual({ host: '::1', port: 502 })
  for (const text of ['', '::1', 'host:', 'host:x', 'host:65536', 'a b'])
    expect(() => parseAddress(text, 502)).toThrow(
      'is no address: write a host, or host:port such as 10.1.2.3:502',
    )
})

it('takes for loopback what only this machine reaches', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.9.10', '::1']) expect(isLoopback(host)).toBe(true)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'example.org', ''])
    expect(isLoopback(host)).toBe(false)
})

it.each([
  ['EADDRINUSE', /^MQTT: 127\.0\.0\.1:80 is in use.* mqtt\.port in hub\.yaml or --mqtt-port$/],
  ['EACCES', /may not be listened on.* above 1023 with mqtt\.port/],
  ['EADDRNOTAVAIL', /is not an address of this machine: correct mqtt\.host in hub\.yaml$/],
  ['EINVAL', /cannot be listened on: what the system said$/],
])('an address that cannot be listened on (%s) says what to change', (code, words) => {
  const cause = Object.assign(new Error('what the system said'), { code })
  expect(new ListenError('mqtt', { host: '127.0.0.1', port: 80 }, cause).message).toMatch(words)
})
