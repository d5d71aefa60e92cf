import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import {
  type KnownCertificate,
  listCertificates,
  moveCertificate,
  pkiFolder,
  subjectOf,
  type TrustState,
} from '../gateway/drivers/opcua/trust-list.ts'
import { formatTable } from '../gateway/probe/table.ts'

interface TrustFlags {
  data: string
}

const NOTHING = 'No gateway of this data folder has met a secured OPC-UA server yet.'

export function addTrust(program: Command): void {
  const trust = program
    .command('trust')
    .description('the certificates of OPC-UA servers: look, accept, remove')

  withData(trust.command('list', { isDefault: true }))
    .description("list the gateways' own certificates, and those that they trust or have refused")
    .action(async ({ data }: TrustFlags) => console.log(describe(await findCertificates(data))))

  withData(trust.command('accept'))
    .description('have the next connection trust a server that was refused')
    .argument('<fingerprint>', 'SHA-256, its first 8 digits or more', parseFingerprint)
    .action((fingerprint, { data }: TrustFlags) => move(fingerprint, data, 'refused', 'trusted'))

  withData(trust.command('remove'))
    .description('have the next connection refuse a server that was trusted')
    .argument('<fingerprint>', 'SHA-256, its first 8 digits or more', parseFingerprint)
    .action((fingerprint, { data }: TrustFlags) => move(fingerprint, data, 'trusted', 'refused'))
}

function withData(command: Command): Command {
  return command.option('--data <folder>', 'where the gateways keep their certificates', 'data')
}

/** Without colons, in lower case. */
function parseFingerprint(text: string): string {
  const digits = plain(text)
  if (!/^[0-9a-f]{8,64}$/.test(digits))
    throw new InvalidArgumentError('Write at least the first 8 digits of the SHA-256 fingerprint.')
  return digits
}

interface Found extends KnownCertificate {
  gateway: string
  folder: string
}

async function findCertificates(data: string): Promise<Found[]> {
  const gateways = join(data, 'gateways')
  if (!existsSync(gateways)) return []
  const lists = readdirSync(gateways).map(async gateway => {
    const folder = pkiFolder(join(gateways, gateway, 'drivers'))
    return (await listCertificates(folder)).map(known => ({ ...known, gateway, folder }))
  })
  return (await Promise.all(lists)).flat()
}

/** Of every gateway that knows it: what one may trust, the others may as well. */
async function move(
  fingerprint: string,
  data: string,
  from: TrustState,
  to: 'trusted' | 'refused',
): Promise<void> {
  const found = (await findCertificates(data)).filter(
    ({ state, certificate }) => state === from && plain(certificate.fingerprint256).startsWith(fingerprint),
  )
  const different = new Set(found.map(({ certificate }) => certificate.fingerprint256))
  if (different.size === 0) throw new Error(`no certificate that is ${from} begins with ${fingerprint}`)
  if (different.size > 1)
    throw new Error(`${different.size} certificates begin with ${fingerprint}: write more`)
  for (const known of found) {
    await moveCertificate(known.folder, known, to)
    console.log(`${known.gateway}: ${subjectOf(known.certificate)} is ${to} from its next connection on`)
  }
}

function describe(found: readonly Found[]): string {
  if (found.length === 0) return NOTHING
  return formatTable([
    ['gateway', 'state', 'subject', 'valid until', 'SHA-256'],
    ...found.map(({ gateway, state, certificate }) => [
      gateway,
      state,
      subjectOf(certificate),
      certificate.validToDate.toISOString().slice(0, 10),
      certificate.fingerprint256,
    ]),
  ])
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}
