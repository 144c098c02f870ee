import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import ts from 'typescript';

const PROJECT = resolve(__dirname, '../..');
const SNIPPET = /```ts\n([\s\S]*?)```/g;

it('the README and the documents show code that compiles as it stands', () => {
  const documents = ['README.md', ...readdirSync(join(PROJECT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
  const snippets = documents.flatMap((document) => [...readFileSync(join(PROJECT, document), 'utf8').matchAll(SNIPPET)].map(([, text], index) => ({ name: `${basename(document, '.md')}-${index}`, text: text! })));
  expect(snippets.length).toBeGreaterThanOrEqual(5);
  expect(complaintsAbout(snippets)).toEqual([]);
});

function complaintsAbout(snippets: readonly { readonly name: string; readonly text: string }[]): string[] {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  const files = new Map(snippets.map(({ name, text }) => [join(PROJECT, `${name}.ts`), `${text}\nexport {};\n`]));
  // Top-level await needs an ES module; everything else is as in the project.
  const settings: ts.CompilerOptions = { ...options, module: ts.ModuleKind.ESNext, noEmit: true, skipLibCheck: true, noUnusedLocals: false };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, language, ...rest) : ts.createSourceFile(path, text, language, true);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  return [...files.keys()].flatMap((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText }) => `${path.split('/').pop() ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  );
}
