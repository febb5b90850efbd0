// Which range a new network gets: the first of a fixed list that no route of the host and no resolver touches. Pure.
import { overlap, type Prefix, parsePrefix } from '../ipv4.ts';

/** Ranges in the order of preference. 10.61.0.0/16 is missing: it belongs to the original's CNI network. */
function candidates(ordinal: number): readonly Prefix[] {
  const tens = range(62, 254).map((second) => `10.${second}.0.0/16`);
  const turned = [...tens.slice(ordinal % tens.length), ...tens.slice(0, ordinal % tens.length)];
  const twelve = range(18, 31).map((second) => `172.${second}.0.0/16`);
  const sixteen = range(4, 15).map((sixteenth) => `192.168.${sixteenth * 16}.0/20`);
  return [...turned, ...twelve, ...sixteen].flatMap((text) => parsePrefix(text) ?? []);
}

/**
 * Routes shorter than this are "everything but" routes of a VPN (0.0.0.0/1 and 128.0.0.0/1 stand for a default
 * route): they cover every candidate, and a network's own longer route wins over them.
 */
const SHORTEST_ROUTE = 8;

/**
 * The subnet for a new network.
 * @param used destinations of the host's routes, its addresses and its resolvers, networks of this engine and of others
 * @param ordinal engines of one host begin at different places of the list
 * @returns undefined where every candidate is used
 */
export function chooseSubnet(used: readonly Prefix[], ordinal: number): Prefix | undefined {
  const real = used.filter((prefix) => prefix.length >= SHORTEST_ROUTE);
  return candidates(ordinal).find((candidate) => !real.some((prefix) => overlap(prefix, candidate)));
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
