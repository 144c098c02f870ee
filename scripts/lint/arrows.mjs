import { existsSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * Holds the arrows between rooms. A room is a folder with a file MAY_IMPORT, which lists, a line each, the rooms (paths from the
 * top) and packages (`package NAME`) that its files may import beside each other and Node's own modules. A room is entered by
 * a folder with an index.ts, never by one of its files, unless the list says `inside`. Type-only imports count as well: they are dependencies of the reader.
 */
export const arrows = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      room: "'{{from}}' may not import '{{to}}': {{list}} does not list it.",
      door: "'{{to}}' is inside another room: import a folder with an index.ts instead.",
      package: "'{{from}}' may not import package '{{to}}': {{list}} does not list it.",
      nowhere: "'{{from}}' lies in no room: give one of its folders a MAY_IMPORT.",
    },
  },
  create(context) {
    const file = context.filename;
    const top = context.cwd;
    const room = roomOf(dirname(file), top);
    const check = (node) => {
      if (!node || typeof node.value !== 'string') return;
      const fault = faultOf(node.value, file, room, top);
      if (fault) context.report({ node, messageId: fault.messageId, data: { from: room?.path ?? relative(top, file), list: room ? `${room.path}/MAY_IMPORT` : '', to: fault.to } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      'CallExpression[callee.name="require"]': (node) => check(node.arguments[0]),
    };
  },
};

function faultOf(specifier, file, room, top) {
  if (!room) return { messageId: 'nowhere', to: specifier };
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
    return isBuiltin(specifier) || room.packages.has(name) ? undefined : { messageId: 'package', to: name };
  }
  const target = resolve(dirname(file), specifier);
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  const targetRoom = roomOf(isFolder ? target : dirname(target), top);
  const to = relative(top, target) || '.';
  if (targetRoom?.path === room.path) return undefined;
  if (!targetRoom || !room.rooms.has(targetRoom.path)) return { messageId: 'room', to };
  return room.inside || (isFolder && existsSync(join(target, 'index.ts'))) ? undefined : { messageId: 'door', to };
}

const rooms = new Map();

function roomOf(folder, top) {
  if (rooms.has(folder)) return rooms.get(folder);
  const list = join(folder, 'MAY_IMPORT');
  const room = existsSync(list) ? read(list, relative(top, folder) || '.') : folder === top || relative(top, folder).startsWith('..') ? undefined : roomOf(dirname(folder), top);
  rooms.set(folder, room);
  return room;
}

function read(list, path) {
  const lines = readFileSync(list, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
  const packages = lines.filter((line) => line.startsWith('package ')).map((line) => line.slice('package '.length));
  return { path, packages: new Set(packages), inside: lines.includes('inside'), rooms: new Set(lines.filter((line) => !line.startsWith('package '))) };
}
