import { expect, it, vi } from 'vitest'
import { syncFolder } from '../../bus/folders.ts'

it('a folder is made durable, but on Windows, which refuses it', () => {
  const none = '/there/is/no/such/folder'
  expect(() => syncFolder(none)).toThrow('ENOENT')
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32')
  expect(() => syncFolder(none)).not.toThrow()
})
