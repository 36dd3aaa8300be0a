/** What tocsin runs on, for people who help from afar. */
import { availableParallelism, release, totalmem } from 'node:os';

export const machineFacts = () => ({
  node: process.versions.node,
  kernel: release(),
  architecture: process.arch,
  processors: availableParallelism(),
  memoryBytes: totalmem(),
});
export type MachineFacts = ReturnType<typeof machineFacts>;
