export { createDockerBridge } from './driver.ts';
