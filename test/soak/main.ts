// `npm run soak -- MINUTES`: soaks for so long, prints what it saw, and fails where something is left or has grown.
import { buildPrograms } from '../integration/supervisor/world.ts';
import { judge } from './judge.ts';
import { soak } from './soak.ts';

const minutes = Number(process.argv[2] ?? '10');
if (!(minutes > 0)) throw new Error('usage: npm run soak -- MINUTES');
buildPrograms();
const result = await soak(minutes * 60_000);
console.log(JSON.stringify(result, undefined, 2));
const faults = judge(result);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
