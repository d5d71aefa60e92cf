import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { projectFiles, ROOT } from './tree.ts'

it('every relative link in a document leads somewhere', () => {
  const broken = projectFiles(/\.md$/).flatMap(file => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(match => match[1]!)
    return links.filter(link => !existsSync(join(ROOT, dirname(file), link))).map(link => `${file}: ${link}`)
  })
  expect(broken).toEqual([])
})

it('every path that docs/architecture.md names exists', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
  const paths = [...text.matchAll(/`([a-z][\w.-]*\/[\w./-]*|[\w-]+\.(?:ts|yaml|js))`/g)].map(
    match => match[1]!,
  )
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
})
