import { parseArgs } from 'node:util'
import { install } from '../test/peers/install.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { formatNumber, medians, type Round } from './figures.ts'

/** `npm run bench -- <name> [--rounds N] [--full] [--profile FOLDER]`: each round runs ours and the peer in turn. */
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    full: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const create = BENCHMARKS[positionals[0] ?? '']
const rounds = Number(flags.rounds)
if (!create || positionals.length > 1 || !Number.isInteger(rounds) || rounds < 1) {
  const names = Object.keys(BENCHMARKS).join(' | ')
  console.error(`usage: npm run bench -- ${names} [--rounds N] [--full] [--profile FOLDER]`)
  process.exit(2)
}

const benchmark = create({ profileFolder: flags.profile, full: flags.full })
install(benchmark.peers)
const ratios: Round[] = []
const figures: Round[] = []
for (let round = 1; round <= rounds; round++) {
  const measured = await benchmark.round(line => console.log(`round ${round}: ${line}`))
  ratios.push(measured.ratios)
  figures.push(measured.figures)
}
for (const [name, value] of Object.entries(medians(figures)))
  console.log(`figure ${name} ${formatNumber(value)}`)
for (const [name, value] of Object.entries(medians(ratios)))
  console.log(`ratio ${name} ${formatNumber(value)}`)
