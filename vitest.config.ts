import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Tests start hundreds of processes and threads: each reads its modules as they were compiled for the first.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'affluent-compile-cache')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/peers/install.ts',
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    // Tests wait for processes as much as they compute: three at once on two cores leave neither idle.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Tests run servers and browsers on two cores: a generous limit catches a hang, nothing depends on it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
