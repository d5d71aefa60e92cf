import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends the run with one plain line from the real counts. A file that could not be loaded counts as failed. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests() as Iterable<TestCase>) count[test.result().state]++
      count.failed += module.errors().length
    }
    // Written at exit, so that it stands behind what the other reporters print.
    process.once('exit', () =>
      console.log(`${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped`),
    )
  }
}
