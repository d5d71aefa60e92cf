import { expect, it } from 'vitest'
import { followPointer } from '../../../gateway/documents/pointer.ts'

/** The document of RFC 6901, clause 5, with one key more. */
const DOCUMENT = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
  '~1': 9,
}

it.each([
  ['', DOCUMENT],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
  ['/~01', 9],
])('%s leads to %j', (pointer, value) => {
  expect(followPointer(DOCUMENT, pointer)).toEqual(value)
})

it.each(['/foo/2', '/foo/00', '/foo/-', '/foo/length', '/foo/0/0', '/bar', '/constructor', '/__proto__'])(
  '%s leads nowhere',
  pointer => {
    expect(followPointer(DOCUMENT, pointer)).toBeUndefined()
  },
)
