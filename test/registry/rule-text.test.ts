import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ruleIn, withNewRule, withoutRule, withRule } from '../../registry/rule-text.ts'

const demo = await readFile(new URL('../../demo/rules.yaml', import.meta.url), 'utf8')
const ids: string[] = parse(demo).rules.map(({ id }: { id: string }) => id)

const FILE = `# Whom we tell.
channels: []
rules:
  # Roads first.
  - id: ice   # since 2019
    condition:
      type: threshold # of the surface
      below: 0

    severity: critical # night and day

  # Buildings.
  - { id: heat, condition: { type: threshold, above: 30 },
      severity: warning }
# The end.
`

describe('a rule in its file', () => {
  test('every rule of the demonstration is read alone, and put back without a trace', () => {
    expect(ids.length).toBeGreaterThan(10)
    for (const id of ids) {
      const { text } = ruleIn(demo, id)!
      expect(parse(text)).toEqual(parse(demo).rules.find((rule: { id: string }) => rule.id === id))
      expect(text).toMatch(/^\S/)
      expect(withRule(demo, id, text)).toBe(demo)
    }
  })

  test('comments, blank lines and order of everything else stay', () => {
    const ice = ruleIn(FILE, 'ice')!
    expect(ice).toMatchObject({ line: 5, indent: 4 })
    expect(ice.text.split('\n').slice(0, 3)).toEqual([
      'id: ice   # since 2019',
      'condition:',
      '  type: threshold # of the surface',
    ])
    const changed = withRule(FILE, 'ice', `${ice.text.replace('below: 0', 'below: 1 # we salt early')}\n`)
    expect(changed).toBe(FILE.replace('below: 0', 'below: 1 # we salt early'))
    expect(withRule(FILE, 'heat', ruleIn(FILE, 'heat')!.text)).toBe(FILE)
  })

  test('a new rule comes behind the others, and one is taken out alone', () => {
    const added = withNewRule(FILE, 'id: wind\nseverity: info\n')
    expect(added).toBe(FILE.replace('warning }\n', 'warning }\n  - id: wind\n    severity: info\n'))
    expect(withoutRule(added, 'wind')).toBe(FILE)
    const without = withoutRule(FILE, 'ice')
    expect(without).toContain('# Roads first.\n\n  # Buildings.')
    const empty = withoutRule(without, 'heat')
    expect(parse(empty).rules).toEqual([])
    expect(parse(withNewRule(empty, 'id: wind')).rules).toEqual([{ id: 'wind' }])
    expect(withNewRule('channels: []', 'id: wind')).toBe('channels: []\nrules:\n  - id: wind\n')
  })

  test('what cannot be done without touching the rest is refused', () => {
    const flow = 'rules: [{ id: a }, { id: b }]\n'
    expect(ruleIn(flow, 'a')!.text).toBe('{ id: a }')
    expect(withRule(flow, 'a', '{ id: a, severity: info }')).toBe(
      'rules: [{ id: a, severity: info }, { id: b }]\n',
    )
    expect(() => withRule(flow, 'a', 'id: a\nseverity: info')).toThrow('edit the file')
    expect(() => withoutRule(flow, 'a')).toThrow('edit the file')
    expect(() => withRule(FILE, 'gone', 'id: gone')).toThrow('edit the file')
    // It would put a second rule beside it.
    expect(() => withRule(FILE, 'ice', 'id: ice\n- id: other')).toThrow('edit the file')
    expect(ruleIn('rules: [', 'a')).toBeUndefined()
  })
})
