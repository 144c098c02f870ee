export { NODE_VERSIONS, nodeFit, refuseOldNode } from './node-version';
