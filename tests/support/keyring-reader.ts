import { createKeyring } from '../../src/adapters/keyring/keyring.ts';
import { createStoreApp } from './store-app.ts';

/** A program that reads one account the way a command does. Arguments: home, account, agent… */
const [home = '', account = '', ...agent] = process.argv.slice(2);
const { app } = createStoreApp({ home, env: process.env });
createKeyring(app, agent)
  .get(account)
  .then(
    (value) => process.stdout.write(JSON.stringify({ value })),
    (error: Error) => process.stdout.write(JSON.stringify({ error: error.message })),
  );
