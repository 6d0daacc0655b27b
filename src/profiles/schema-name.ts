/** What `schemaVersion` and `$schema` of a profiles.json say. */
export const SCHEMA_VERSION = 1;
export const SCHEMA_URL = 'urn:tokencli:profiles:1';
