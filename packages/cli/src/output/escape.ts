// Text that a guest or a registry made up must not steer the terminal (DESIGN D9).

/**
 * Control characters (C0, DEL, C1) as visible escapes; line feeds too, so a table row stays a row. So are the characters that
 * change the direction of all that follows (UAX #9, 2.1 and 2.2): a name would show as another.
 */
export function escapeText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`;
  });
}

/** As escapeText, keeping line feeds and tabs. */
export function escapeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(escapeText).join('\t'))
    .join('\n');
}

/** Text of a terminal without what steers one: CSI sequences and two-character escapes (ECMA-48, 5.3 and 5.4). */
export function withoutControlSequences(text: string): string {
  return text.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g, '');
}
