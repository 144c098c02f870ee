'use strict';
// What Terraform starts several times in a deploy.
require('node:module').enableCompileCache?.();
require('../dist/companion/main.js');
