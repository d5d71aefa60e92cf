/** What zod says of a parameter, and what its caller is told: they know neither its types nor its NaN. */
const SAYINGS: readonly [RegExp, string][] = [
  [/^.*, received undefined$/, 'is needed'],
  [/^.*, received array$/, 'may be given only once'],
  [/^Invalid input: expected int, received number$/, 'write a whole number'],
  [/^Invalid input: expected number, received \S+$/, 'write a number'],
  [/^Too small: expected \S+ to be >=(\S+)$/, 'must be $1 at least'],
  [/^Too big: expected \S+ to be <=(\S+)$/, 'must be $1 at most'],
  [/^Too small: expected \S+ to have >=(\S+) (\S+)$/, 'must have $1 $2 at least'],
  [/^Too big: expected \S+ to have <=(\S+) (\S+)$/, 'must have $1 $2 at most'],
  [/^Invalid ISO date$/, 'write a date like 2026-11-22'],
  [/^Invalid UUID$/, 'write a UUID'],
  [/^Invalid option: expected (one of )?(.+)$/, 'must be $1$2'],
]

/** A message of zod in plain words; what is ours already stays as it is. */
export function plainMessage(message: string): string {
  const [pattern, words] = SAYINGS.find(([said]) => said.test(message)) ?? []
  return pattern ? message.replace(pattern, words!).replaceAll('"|"', '", "') : message
}
