import { CliError } from '../../core/errors.ts';

/**
 * Percent-encodes every character that a shell or an opener could interpret.
 * @throws CliError invalid_data if the link is not https
 */
export function safeLink(url: string): string {
  const link = URL.canParse(url) ? new URL(url) : undefined;
  if (link?.protocol !== 'https:' || link.username || link.password) {
    throw new CliError('invalid_data', 'refused to open a link that is not plain https', {
      hint: 'check the authority of the profile: the link comes from there',
    });
  }
  return link.href.replace(/[^\w\-.~:/?#[\]@!&*+,;=%]/g, encode);
}

const encode = (character: string) =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
