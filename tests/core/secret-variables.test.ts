import { expect, test } from '@jest/globals';
import { withoutSecretVariables } from '../../src/core/secret-variables.ts';

test('a program gets neither secrets nor what opens them, and everything else', () => {
  const kept = {
    ...{ PATH: '/bin', AZURE_CLIENT_ID: 'id', TOKENCLI_PROFILE: 'p', TOKENCLI_HOME: '/h' },
    ...{ AZURE_TOKEN_CREDENTIALS: 'dev', AZURE_KEYVAULT_URL: 'https://v', AZURE_KEY_NAME: 'k' },
    ...{ AZURE_SUBSCRIPTION_ID: 's', MY_AZURE_STORAGE_KEY: 'theirs' },
  };
  const env = {
    ...kept,
    TOKENCLI_CLIENT_SECRET: 'x',
    AZURE_CLIENT_SECRET: 'x',
    azure_client_certificate_password: 'x',
    AZURE_FEDERATED_TOKEN_FILE: '/token',
    TOKENCLI_STORE_KEY: 'x',
    TOKENCLI_STORE_KEY_FILE: '/key',
    AZURE_PASSWORD: 'x',
    AZURE_CREDENTIALS: '{"clientSecret":"x"}',
    AZURE_STORAGE_KEY: 'x',
    AZURE_STORAGE_CONNECTION_STRING: 'x',
    AZURE_STORAGE_SAS_TOKEN: 'x',
    AZURE_DEVOPS_EXT_PAT: 'x',
    azure_openai_api_key: 'x',
    MY_SECRET: 'x',
  };
  expect(withoutSecretVariables(env, ['MY_SECRET'])).toEqual(kept);
});
