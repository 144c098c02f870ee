'use strict';
const { createReadStream, statSync } = require('node:fs');

/** A source as a project writes one: files of a folder, by name. */
class FolderSource {
  static source = __filename;
  constructor(config) {
    this.config = config;
  }
  async resolve() {
    const { size, mtimeMs } = statSync(`${this.config.folder}/${this.config.file}`);
    return { version: { changed: String(mtimeMs) }, size };
  }
  async read(_version, { offset }) {
    return { offset, bytes: createReadStream(`${this.config.folder}/${this.config.file}`, { start: offset }) };
  }
}
exports.FolderSource = FolderSource;
