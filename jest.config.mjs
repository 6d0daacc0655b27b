export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  // these take minutes: scripts/test-platforms
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.TOKENCLI_TEST_PLATFORM ? [] : ['/tests/platforms/']),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/typescript-transformer.mjs' },
  reporters: ['default', '<rootDir>/tests/support/result-reporter.mjs'],
  testTimeout: process.env.TOKENCLI_TEST_PLATFORM ? 900_000 : 180_000,
  // one more than the cores of CI: much of a test's time is waiting for a browser, a limit, a service
  maxWorkers: 3,
};
