import { describe, expect, it } from 'vitest'
import { createAnswerMemory } from '../../api/open-data/answer-memory.ts'
import { createMemory } from '../../api/open-data/memory.ts'

describe('the memory of what never changes', () => {
  it('makes a thing once for all who ask meanwhile and afterwards', async () => {
    const memory = createMemory<string>(text => text.length)
    const made = Promise.withResolvers<string>()
    let times = 0
    const make = () => {
      times++
      return made.promise
    }
    const asked = [memory.read('a', make), memory.read('a', make)]
    made.resolve('text')
    expect(await Promise.all([...asked, memory.read('a', make)])).toEqual(['text', 'text', 'text'])
    expect(times).toBe(1)
  })

  it('forgets what was asked for longest ago when there is no room', async () => {
    const memory = createMemory<string>(text => text.length, { mostBytes: 8 })
    const made: string[] = []
    const ask = (key: string) =>
      memory.read(key, async () => {
        made.push(key)
        return key.repeat(4)
      })
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key)
    expect(made).toEqual(['a', 'b', 'c', 'b'])
  })

  it('keeps nothing that failed, nor what alone is too large', async () => {
    const memory = createMemory<string>(text => text.length, { mostBytes: 8 })
    await expect(memory.read('a', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(await memory.read('a', async () => 'longer than all')).toBe('longer than all')
    expect(await memory.read('a', async () => 'short')).toBe('short')
    expect(await memory.read('a', async () => 'never asked for')).toBe('short')
  })
})

describe('an answer about what is published', () => {
  it('is made anew once something else is told', async () => {
    const answers = createAnswerMemory()
    const told = {}
    const first = await answers.read(told, '/rows', async () => 'one')
    expect(await answers.read(told, '/rows', async () => 'two')).toBe(first)
    const second = await answers.read({}, '/rows', async () => 'two')
    expect(second.body.toString()).toBe('two')
    expect(second.tag).not.toBe(first.tag)
  })
})
