import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Page, readPages } from './page.ts';

const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const MOST_COLUMNS = 100;

describe('the pages', () => {
  it.each(pages)('$path: links to what exists', (page) => {
    expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  it.each(pages)('$path: no long lines in the text', ({ prose }) => {
    const long = [...prose].filter(
      ([, text]) => text.length > MOST_COLUMNS && !/^\s*(\||!\[)/.test(text),
    );
    expect(long).toEqual([]);
  });

  it('are all named by README.md or the index', () => {
    const index = ['README.md', 'docs/README.md'].flatMap((path) => {
      const page = byPath.get(path);
      return page ? linksOf(page).map((link) => targetOf(page, link).path) : [];
    });
    const own = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(own.filter((path) => !index.includes(path))).toEqual([]);
  });

  it('CONTRIBUTING.md names only what exists', () => {
    const text = byPath.get('CONTRIBUTING.md')?.lines.join('\n') ?? '';
    const paths = text.match(/\b(?:src|tests|scripts|docs)\/[\w./-]*/g) ?? [];
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** Targets of links and pictures that are no URLs. */
function linksOf({ prose }: Page): readonly string[] {
  const text = [...prose.values()].join('\n').replace(/`[^`\n]*`/g, '');
  const found = text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
  return [...found]
    .map(([, inMarkdown, inHtml]) => inMarkdown ?? inHtml ?? '')
    .filter((to) => !/^(https:|mailto:)/.test(to));
}

function targetOf({ path }: Page, link: string) {
  const [file = '', anchor] = link.split('#');
  return { path: file === '' ? path : normalize(join(dirname(path), file)), anchor };
}

function leadsSomewhere(page: Page, link: string): boolean {
  const { path, anchor } = targetOf(page, link);
  if (path.startsWith('..') || !existsSync(path)) return false;
  if (anchor === undefined) return true;
  const target = byPath.get(path);
  return target !== undefined && statSync(path).isFile() && anchorsOf(target).includes(anchor);
}

/** The names that GitHub gives to headings. */
function anchorsOf({ prose }: Page): readonly string[] {
  const seen = new Map<string, number>();
  const headings = [...prose.values()].flatMap((line) => /^#+ +(.*?) *#*$/.exec(line)?.[1] ?? []);
  return headings.map((heading) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}
