import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/peers/install.ts',
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    // Tests wait for processes more than they compute: leaving a core free doubles the time on two.
    maxWorkers: '100%',
    // Tests run servers and browsers on two cores: a generous limit catches a hang, nothing depends on it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
