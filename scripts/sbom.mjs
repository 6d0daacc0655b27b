// What a release is made of, in CycloneDX: npm describes every package, and what is shipped is kept.
import { execFileSync } from 'node:child_process';

/** What Bun says of itself; the packages that hold its binaries say MIT alone. */
const BUN_LICENSE = 'MIT AND LGPL-2.0-or-later AND LGPL-2.1-or-later';

/**
 * @param programs `name@version` of each package that is inside of them, by what they are called
 * @param date of the release
 * @returns a document that is the same for the same package-lock.json
 */
export function billOfMaterials(programs, date) {
  const words = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { serialNumber, ...bill } = JSON.parse(
    execFileSync('npm', [...words, '--sbom-type=application'], { maxBuffer: 2 ** 26 }),
  );
  const components = bill.components.map((each) => describe(each, programs)).filter(Boolean);
  const own = bill.metadata.component;
  const shipped = new Set([own, ...components].map((each) => each['bom-ref']));
  const missing = Object.values(programs).flatMap((refs) =>
    refs.filter((ref) => !shipped.has(ref)),
  );
  if (missing.length > 0) throw new Error(`package-lock.json does not have ${missing}`);
  return {
    ...bill,
    // npm calls it by the folder that it lies in
    metadata: {
      ...bill.metadata,
      timestamp: date.toISOString(),
      component: { ...own, name: 'tokencli' },
    },
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => shipped.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((to) => shipped.has(to)) })),
  };
}

/** @returns undefined for what only developers need */
function describe(component, programs) {
  const inside = Object.keys(programs).filter((name) =>
    programs[name].includes(component['bom-ref']),
  );
  const isDevelopment = component.properties.some(({ name }) => name.endsWith(':development'));
  if (inside.length === 0 && isDevelopment) return undefined;
  const where = inside.length > 0 ? inside : ['installed with the npm package'];
  return {
    ...component,
    ...(inside.length > 0 && { scope: 'required' }),
    ...(/^(@oven\/)?bun(-|$)/.test(component.name) && {
      type: 'platform',
      licenses: [{ expression: BUN_LICENSE }],
    }),
    properties: where.map((value) => ({ name: 'tokencli:part-of', value })),
  };
}
