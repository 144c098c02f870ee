// Preloaded into a process and its threads: a machine on which libvirt is not installed.
const koffi = require('koffi');

const { load } = koffi;
koffi.load = (name, ...options) => {
  if (name?.startsWith('libvirt')) throw new Error(`${name}: cannot open shared object file: No such file or directory`);
  return load(name, ...options);
};
