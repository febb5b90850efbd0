export { configurationFaults } from './configuration.ts';
export { serveFirecracker, standInFirecracker, type StandInFirecracker } from './server.ts';
