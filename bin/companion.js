'use strict';
// What Terraform starts several times in a deploy.
require('./compile-cache');
require('../dist/companion/main.js');
