import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import { BASE, iceEvent, senderOf } from './fixtures.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A real SMTP server that keeps the mails as they came, headers unfolded. */
async function startMailServer(options: SMTPServerOptions = {}) {
  const mails: { recipients: string[]; headers: Map<string, string>; text: string }[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    ...options,
    async onData(stream, session, done) {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      const [head, ...body] = Buffer.concat(chunks)
        .toString()
        .replace(/\r\n[ \t]+/g, ' ')
        .split('\r\n\r\n')
      const headers = new Map(
        head!
          .split('\r\n')
          .map(line => [line.split(': ')[0]!.toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
      )
      const encoded = body.join('\n\n')
      const text =
        headers.get('content-transfer-encoding') === 'base64'
          ? Buffer.from(encoded, 'base64').toString()
          : decodeQuotedPrintable(encoded)
      mails.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), headers, text })
      done()
    },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise<void>(resolve => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, mails }
}

function decodeQuotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

const channel = (port: number, more = 'tls: none') =>
  `{ id: mail, type: email, host: 127.0.0.1, port: ${port}, from: affluent@example.org,
    to: [astreinte@example.org, chef@example.org], timeout: 3s, ${more} }`

test('tells everybody in both languages, with a link; the mails of one alert are one thread', async () => {
  const { port, mails } = await startMailServer()
  const send = await senderOf(channel(port))
  await send()
  await send(iceEvent('worsened'))
  const [fired, worsened] = mails
  expect(fired!.recipients).toEqual(['astreinte@example.org', 'chef@example.org'])
  expect(fired!.text).toMatch(/^Verglas, chaussée −1,2 °C\s+Ice, surface −1\.2 °C\s/)
  expect(fired!.text).toContain(`${BASE}/alerts/road-1`)
  expect(fired!.headers.get('message-id')).toBe('<road-1.fired@test.affluent.invalid>')
  expect(fired!.headers.get('auto-submitted')).toBe('auto-generated')
  expect(worsened!.headers.get('message-id')).toBe('<road-1.worsened-1@test.affluent.invalid>')
  expect(worsened!.headers.get('references')).toBe('<road-1.fired@test.affluent.invalid>')
})

test('sends nothing in the clear where it is to be encrypted, nor to whom it cannot know', async () => {
  const plain = await startMailServer()
  await expect((await senderOf(channel(plain.port, 'tls: starttls')))()).rejects.toThrow(/ETLS|ESOCKET/)
  // Its certificate is one that it made itself.
  const strange = await startMailServer({ disabledCommands: [] })
  await expect((await senderOf(channel(strange.port, 'tls: starttls')))()).rejects.toThrow(/ETLS|ESOCKET/)
  expect([...plain.mails, ...strange.mails]).toEqual([])
})

test('a refusal and a server that is away are errors without what the server said', async () => {
  const refusing = await startMailServer({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such user s3cret'), { responseCode: 550 })),
  })
  await expect((await senderOf(channel(refusing.port)))()).rejects.toThrow(
    /^answered with 550 \(EENVELOPE\)$/,
  )
  const send = await senderOf(channel(refusing.port))
  for (const close of closing.splice(0)) await close()
  await expect(send()).rejects.toThrow(/^(ESOCKET|ECONNREFUSED|ECONNECTION)$/)
})
