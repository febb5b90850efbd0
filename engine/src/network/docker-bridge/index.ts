export { createDockerBridge, type DockerBridgeOptions } from './driver.ts';
