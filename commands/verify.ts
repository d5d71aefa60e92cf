import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readJsonFile } from '../bus/json-file.ts'
import { printable } from '../model/printable.ts'
import type { VerifiedRows } from '../operations/verify-rows.ts'
import type { RowDifference } from '../publication/compare.ts'
import { fingerprintOf, readPublicKey } from '../publication/log/key.ts'
import type { Leaf } from '../publication/log/leaf.ts'
import { readCertificates, type Stamp } from '../publication/log/stamp.ts'
import { type Verdict, verifyFile, verifyGrowth, verifyStamp } from '../publication/log/verify.ts'
import { type FileContent, readContent } from '../store/file-copy.ts'
import { type CommonFlags, withCommonFlags } from './flags.ts'
import { openLogPlace } from './log-place.ts'
import { operate } from './operate.ts'

interface VerifyFlags extends CommonFlags {
  proof?: string
  log?: string
  key?: string
  authority?: string
  deep?: boolean
}

/** 2 is a wrong word or a file that cannot be read, as everywhere. */
const EXIT = {
  published: 0,
  'another-file': 1,
  'not-proven': 3,
  'another-key': 4,
  'key-not-named': 4,
} as const
const NOT_PUBLISHED = 1
const OTHER_FIGURES = 5
/** Of what a proof says, characters. */
const LONGEST = 200
const PROOF_SUFFIX = '.proof.json'

export function addVerify(program: Command): void {
  withCommonFlags(program.command('verify'))
    .description(
      'say whether a file is what was published, and when: exit 0 yes, 1 no, 2 cannot be told, 3 the proof does not hold, 4 signed by a key that is not the one named, 5 published, but the readings give other figures (--deep)',
    )
    .argument('<file>', 'a file of the open data, as it was loaded')
    .option('--proof <file>', `its proof; default: FILE${PROOF_SUFFIX}`)
    .option(
      '--log <place>',
      'take the proof from a log, its address (https://…/open-data/log) or a copy of it; with --proof, check that it still goes on from there',
    )
    .option('--key <key>', 'the key that is trusted: a PEM file, or the SHA-256 of its DER')
    .option('--authority <file>', 'who vouches for the authority that stamps: certificates in PEM')
    .option(
      '--deep',
      'compute the figures anew from the readings of the data folder, and name every row that differs',
    )
    .action(verify)
}

async function verify(file: string, flags: VerifyFlags): Promise<void> {
  const content = await readContent(file)
  const trusted = flags.key === undefined ? undefined : readTrusted(flags.key)
  const proof = await proofFor(file, content, flags)
  if (proof === undefined) {
    console.log(
      `${file} is in no version of ${flags.log}: no file of SHA-256 ${content.sha256} was published.`,
    )
    process.exitCode = NOT_PUBLISHED
    return
  }
  const verdict = verifyFile(proof, content, trusted)
  console.log(describe(file, content, verdict))
  process.exitCode = EXIT[verdict.outcome]
  if (verdict.outcome === 'published' || verdict.outcome === 'key-not-named') {
    await tellStamp(proof, flags)
    if (flags.proof !== undefined && flags.log !== undefined)
      await tellGrowth(proof, verdict.head.size, flags.log)
  }
  if (flags.deep && 'version' in verdict) await tellRows(file, verdict.version, flags)
}

async function tellRows(file: string, version: Leaf, flags: VerifyFlags): Promise<void> {
  const { dataset, publishedAt } = version
  const asked = { file: resolve(file), dataset, publishedAt: Date.parse(publishedAt) }
  const found = await operate(flags, 'verifyRows', asked)
  console.log(describeRows(found))
  if (found.different > 0 && process.exitCode === EXIT.published) process.exitCode = OTHER_FIGURES
}

function describeRows({ rows, different, differences, deletedBefore }: VerifiedRows): string {
  const told = differences.map(difference => `  ${shown(describeRow(difference))}`)
  const more = different - differences.length
  return [
    different === 0
      ? `All ${rows} rows are what the readings give.`
      : `${different} of ${rows} rows are not what the readings give, as they are known now:`,
    ...told,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(deletedBefore > 0
      ? [
          `Readings before ${new Date(deletedBefore).toISOString()} are not stored any more: until then rows were compared with the figures that were kept.`,
        ]
      : []),
  ].join('\n')
}

function describeRow({ key, cells, only }: RowDifference): string {
  const row = key.join(' ')
  if (only === 'published') return `${row}: the readings give no such row`
  if (only === 'computed') return `${row}: is not in the file`
  return `${row}: ${cells!.map(({ column, published, computed }) => `${column} is ${published || 'empty'}, from the readings ${computed || 'empty'}`).join('; ')}`
}

async function tellStamp(proof: unknown, { authority }: VerifyFlags): Promise<void> {
  const trusted = authority === undefined ? undefined : readCertificates(authority)
  try {
    const stamp = await verifyStamp(proof, trusted)
    if (stamp) console.log(describeStamp(stamp, authority))
    else if (authority !== undefined) throw new Error('no authority has stamped it')
  } catch (error) {
    console.log(`  ${shown((error as Error).message)}: when it was published is not proven`)
    process.exitCode = EXIT['not-proven']
  }
}

async function tellGrowth(proof: unknown, size: number, log: string): Promise<void> {
  const growth = await openLogPlace(log).growth(size)
  try {
    const { size: now, time } = verifyGrowth(proof, growth)
    console.log(`  ${log} goes on from it: ${now} leaves, signed at ${new Date(time).toISOString()}`)
  } catch (error) {
    console.log(`  ${log}: ${(error as Error).message}`)
    process.exitCode = EXIT['not-proven']
  }
}

function describeStamp({ time, authority }: Stamp, voucher: string | undefined): string {
  const stamped = `  stamped at ${new Date(time).toISOString()} by ${shown(authority)}`
  return voucher === undefined
    ? `${stamped}, for whom nobody vouches: name who does with --authority`
    : stamped
}

/** The fingerprint of a key. */
function readTrusted(key: string): string {
  if (/^[0-9a-f]{64}$/i.test(key)) return key.toLowerCase()
  const publicKey = readPublicKey(readFileSync(key, 'utf8'))
  if (!publicKey) throw new Error(`${key} is no Ed25519 public key in PEM`)
  return fingerprintOf(publicKey)
}

/** Undefined where a log has nothing of the file. */
async function proofFor(
  file: string,
  { sha256 }: FileContent,
  { proof, log }: VerifyFlags,
): Promise<unknown> {
  if (log !== undefined && proof === undefined) return openLogPlace(log).proof(sha256)
  const place = proof ?? file + PROOF_SUFFIX
  if (!existsSync(place))
    throw new Error(`there is no ${place}: load it from beside the file, or name a log with --log`)
  return readJsonFile(place)
}

function describe(file: string, { bytes, sha256 }: FileContent, verdict: Verdict): string {
  if (verdict.outcome === 'not-proven') return `Nothing is proven of ${file}: ${shown(verdict.why)}.`
  if (verdict.outcome === 'another-key')
    return `The proof of ${file} is signed by another key than the one that is trusted.
  signed by ${verdict.key}
  trusted   ${verdict.expected}`
  const { version, head, index, key } = verdict
  const which = `version ${version.version} of ${shown(version.dataset)}, published at ${version.publishedAt}`
  const signed = `  leaf ${index} of ${shown(head.origin)}, in its head of ${head.size}, signed at ${new Date(head.time).toISOString()}
  by the key ${key}`
  if (verdict.outcome === 'another-file')
    return `${file} is not what was published: ${shown(verdict.why)}.\n  ${which}\n${signed}`
  const told = `  SHA-256 ${sha256}, ${bytes} bytes\n${signed}`
  const is = `${file} is ${shown(verdict.name)} of ${which}`
  return verdict.outcome === 'published'
    ? `${is}.\n${told}`
    : `${is}, if this key is that of the publisher: name it with --key.\n${told}`
}

/** What a proof says may hold anything. */
function shown(text: string): string {
  return printable(text, LONGEST)
}
