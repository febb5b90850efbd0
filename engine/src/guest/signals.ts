// Signal names of images (`STOPSIGNAL SIGQUIT`, `quit`, `3`, `SIGRTMIN+3`) as numbers of Linux on x86-64 and arm64.
import { constants } from 'node:os';

const SIGTERM = 15;
const SIGRTMIN = 34; // as C libraries count: 32 and 33 are theirs
const SIGRTMAX = 64;

/** The number of a signal word; SIGTERM where it names none, as Docker does with an image's broken word. */
export function signalNumber(word: string): number {
  const text = word.trim().toUpperCase();
  if (/^\d+$/.test(text)) return inRange(Number(text));
  const name = text.startsWith('SIG') ? text : `SIG${text}`;
  const realTime = /^SIGRTM(IN|AX)(?:([+-])(\d+))?$/.exec(name);
  if (realTime !== null) {
    const offset = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1);
    return inRange((realTime[1] === 'IN' ? SIGRTMIN : SIGRTMAX) + offset);
  }
  const known = Object.entries(constants.signals).find(([key]) => key === name);
  return known === undefined ? SIGTERM : known[1];
}

function inRange(number: number): number {
  return number >= 1 && number <= SIGRTMAX ? number : SIGTERM;
}
