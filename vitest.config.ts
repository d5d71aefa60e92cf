import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { testsByKind } from './test/kinds.ts'

// Tests start hundreds of processes and threads: each reads its modules as they were compiled for the first.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'affluent-compile-cache')

const { processes, servers, units } = testsByKind()

export default defineConfig({
  test: {
    globalSetup: 'test/peers/install.ts',
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    // Tests wait for processes as much as they compute: three at once on two cores leave neither idle.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Tests run servers and browsers on two cores: a generous limit catches a hang, nothing depends on it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // They run in the order of their names: the short ones last, so that no worker ends long after the others.
    projects: [
      { extends: true, test: { name: 'processes', include: processes } },
      { extends: true, test: { name: 'servers', include: servers, isolate: false } },
      { extends: true, test: { name: 'units', include: units, isolate: false } },
    ],
  },
})
