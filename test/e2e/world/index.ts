export * from './ignite.ts';
export * from './images.ts';
export * from './inventory.ts';
export * from './leftovers.ts';
export * from './place.ts';
export * from './program.ts';
export * from './terminal.ts';
export * from './wait-for.ts';
