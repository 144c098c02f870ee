'use strict';
// What Terraform starts several times in a deploy: most of its time would be reading its own code.
require('node:module').enableCompileCache?.();
require('../dist/hooks-runtime/companion/main.js');
