// Runs under `tokencli exec`: asks with real identity libraries, and says what they got as JSON.
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { ManagedIdentityApplication } from '@azure/msal-node';

const [resource] = process.argv.slice(2);
const scope = `${resource}/.default`;
const results = {};

async function attempt(name, ask) {
  const started = performance.now();
  try {
    results[name] = { token: await ask() };
  } catch (error) {
    results[name] = { error: `${error.name}: ${error.message}` };
  }
  results[name].milliseconds = performance.now() - started;
}

await attempt('DefaultAzureCredential', async () => {
  return (await new DefaultAzureCredential().getToken(scope)).token;
});
await attempt('ManagedIdentityCredential', async () => {
  return (await new ManagedIdentityCredential().getToken(scope)).token;
});
await attempt('ManagedIdentityApplication', async () => {
  return (await new ManagedIdentityApplication({}).acquireToken({ resource })).accessToken;
});
console.log(JSON.stringify(results));
