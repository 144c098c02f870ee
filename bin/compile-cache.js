'use strict';
const { homedir } = require('node:os');
const { join } = require('node:path');

// The cache folder's place is told here once more, because nothing of ours is loaded before this. Among the user's own files: in a temporary folder, where Node has it by default, somebody else could have put compiled code.
const folder = process.env.SANDFORM_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sandform');
require('node:module').enableCompileCache?.(join(folder, 'compiled'));
