export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/esbuild-transformer.mjs' },
  reporters: ['default', '<rootDir>/tests/support/result-reporter.mjs'],
  testTimeout: 180_000,
  maxWorkers: 2,
};
