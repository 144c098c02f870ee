#!/usr/bin/env node
'use strict';
// libvirt calls occupy threads of libuv's pool; the default of four would let file I/O wait behind them.
process.env.UV_THREADPOOL_SIZE ??= '16';
require('./compile-cache');
void require('../dist/hooks-runtime/cli/main.js').main(process.argv.slice(2));
