// Cuts a byte stream into lines of bounded length.

/**
 * A function that takes pieces and calls back with each whole line, without its newline.
 * @param maxBytes a longer line is dropped whole
 */
export function lineSplitter(maxBytes: number, onLine: (line: string) => void): (piece: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length <= maxBytes) parts.push(part);
    else parts = [];
  };
  return (piece) => {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      keep(piece.subarray(start, end));
      if (length <= maxBytes) onLine(Buffer.concat(parts).toString('utf8'));
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < piece.length) keep(piece.subarray(start));
  };
}
