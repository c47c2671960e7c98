import config from './jest.config.mjs';

/** The tests that need no database, browser or process: the quick half of `npm run check`. */
const { globalSetup: _setup, globalTeardown: _teardown, ...pure } = config;
export default { ...pure, testPathIgnorePatterns: ['\\.(db|e2e|browser)\\.spec\\.ts$'] };
