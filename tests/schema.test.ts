import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isClientId } from '../src/core/client-id.ts';
import { PROFILE_NAME } from '../src/core/names.ts';
import { isTenant } from '../src/core/tenant.ts';
import { profileSchema } from '../src/profiles/schema.ts';
import { ROOT } from './support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokencli-schema-'));
for (const name of ['src', 'node_modules', 'package.json']) {
  symlinkSync(join(ROOT, name), join(folder, name));
}
afterAll(() => rmSync(folder, { recursive: true }));

const generate = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts', 'generate-schema.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
const target = join(folder, 'profiles.schema.json');
const committed = readFileSync(join(ROOT, 'profiles.schema.json'), 'utf8');
const schema = JSON.parse(committed);
const fields: Record<string, { description?: string; pattern?: string }> =
  schema.properties.profiles.items.properties;

describe('profiles.schema.json', () => {
  it('is what the generator makes', () => {
    expect(generate()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(target, 'utf8')).toBe(committed);
    expect(generate('--check').status).toBe(0);
  });

  it('--check notices a stale one and does not touch it', () => {
    writeFileSync(target, '{}');
    const { status, stderr } = generate('--check');
    expect([status, stderr]).toEqual([1, 'profiles.schema.json is stale: npm run schema\n']);
    expect(readFileSync(target, 'utf8')).toBe('{}');
  });

  it('knows and describes every field', () => {
    expect(Object.keys(fields)).toEqual(Object.keys(profileSchema.shape));
    const silent = Object.keys(fields).filter((name) => !fields[name]?.description);
    expect(silent).toEqual([]);
  });

  it('lets unknown fields be', () => {
    expect(schema.additionalProperties).not.toBe(false);
    expect(schema.properties.profiles.items.additionalProperties).not.toBe(false);
  });

  it('requires no more than the code does', () => {
    expect(schema.required).toEqual(['profiles']);
    expect(schema.properties.profiles.items.required).toEqual(['name', 'clientId']);
  });

  it.each([
    ['common', true],
    ['COMMON', true],
    ['contoso.com', true],
    ['11111111-2222-3333-4444-555555555555', true],
    ['contoso', false],
    ['a b.c', false],
    ['-a.example', false],
    [`${'a.'.repeat(130)}com`, false],
  ])('agrees with the code about the tenant %s', (tenant, good) => {
    const patterns = JSON.stringify(fields['tenantId']).match(/"pattern":"(?:[^"\\]|\\.)*"/g) ?? [];
    const all = patterns.map((text) => new RegExp(JSON.parse(`{${text}}`).pattern));
    expect(all.length).toBeGreaterThan(0);
    expect([all.every((pattern) => pattern.test(tenant)), isTenant(tenant)]).toEqual([good, good]);
  });

  it.each([
    [undefined, '11111111-2222-3333-4444-55555555AAAA', true],
    ['entra', 'short', false],
    ['entra', '{11111111-2222-3333-4444-555555555555}', false],
    ['oidc', 'short', true],
    ['oidc', 'a b', false],
  ] as const)('agrees with the code about protocol %s, client id %s', (protocol, id, good) => {
    const { if: which, then: generic, else: entra } = schema.properties.profiles.items;
    expect(which).toEqual({ properties: { protocol: { const: 'oidc' } }, required: ['protocol'] });
    const { pattern } = (protocol === 'oidc' ? generic : entra).properties.clientId;
    expect([new RegExp(pattern).test(id), isClientId(id, protocol)]).toEqual([good, good]);
  });

  it('has the pattern of the name', () => {
    expect(fields['name']?.pattern).toBe(PROFILE_NAME.source);
  });
});
