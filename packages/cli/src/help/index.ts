export { type HelpSubject, helpLines } from './help.ts';
export { manualPages } from './markdown.ts';
export { usageLines } from './usage.ts';
export { helpWidth } from './wrap.ts';
