'use strict';
// What Terraform starts several times in a deploy: most of its time would be reading its own code, and after that starting libvirt's thread.
require('node:module').enableCompileCache?.();
require('../dist/hooks-runtime/libvirt').LibvirtConnection.prepare();
require('../dist/hooks-runtime/companion/main.js');
