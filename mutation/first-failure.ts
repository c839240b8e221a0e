/** One event of the test runner, as far as this reporter looks at it. */
interface TestEvent {
  readonly type: string;
  readonly data: { readonly name?: string; readonly todo?: unknown };
}

/** A reporter for `node:test` that says nothing and ends the process at the first failed test. */
async function* firstFailure(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    if (type !== 'test:fail' || data.todo !== undefined) continue;
    yield `${data.name ?? 'a test'}\n`;
    process.exit(1);
  }
}

// The test runner takes a reporter from the default export alone.
// eslint-disable-next-line import/no-default-export
export default firstFailure;
