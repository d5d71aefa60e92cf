export interface Instruction {
  name: string
  /** Words of the shell form, or the strings of the JSON form. */
  words: string[]
}

/** The instructions of each stage of a Dockerfile: comments left out, continued lines joined, flags kept. */
export function readDockerfile(text: string): Instruction[][] {
  const instructions = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(readInstruction)
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    const stage = stages.at(-1)
    if (!stage) throw new Error(`${instruction.name} stands before the first FROM`)
    stage.push(instruction)
  }
  return stages
}

function readInstruction(line: string): Instruction {
  const match = /^([A-Z]+)\s+(.+)$/.exec(line.trim())
  if (!match) throw new Error(`not an instruction: ${line}`)
  const [, name, rest] = match
  const words = rest!.startsWith('[') ? (JSON.parse(rest!) as string[]) : rest!.trim().split(/\s+/)
  return { name: name!, words }
}
