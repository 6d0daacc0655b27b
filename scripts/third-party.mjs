// The packages whose code is inside a program, and their licences: they ask to travel with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** @param inputs the input paths of a bundler's metafile */
export function packageFolders(inputs) {
  return [...new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter(Boolean))];
}

export function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

export function thirdPartyLicenses(folders) {
  return folders
    .map(noticeOf)
    .sort()
    .join(`\n${'-'.repeat(78)}\n\n`);
}

function noticeOf(folder) {
  const { name, version, license } = readPackage(folder);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8') : `License: ${license}\n`;
  return `${name} ${version}\n\n${text.trim()}\n`;
}
