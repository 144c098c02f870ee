import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { SandformError } from '../../lib/errors';
import type { Screen } from '../sandbox';

/** A page on the loopback address that shows a screen as it is now. Its address holds a secret, and it is shown to no other site. */
export interface ScreenPage {
  readonly server: Server;
  /** Path of the page. */
  readonly path: string;
}

/** @param title shown on the page; printable */
export function screenPage(screen: Screen, title: string): ScreenPage {
  const path = `/${randomBytes(16).toString('hex')}/`;
  const nonce = randomBytes(16).toString('base64');
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('Cache-Control', 'no-store').setHeader('X-Content-Type-Options', 'nosniff').setHeader('Referrer-Policy', 'no-referrer');
    // A name that leads to this address by way of another site's DNS is not ours.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '') || request.method !== 'GET') return void response.writeHead(403).end();
    if (request.url === path) {
      const policy = `default-src 'none'; connect-src 'self'; img-src blob:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; frame-ancestors 'none'`;
      return void response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy }).end(page(title, nonce));
    }
    if (request.url !== `${path}picture`) return void response.writeHead(404).end();
    const { type, bytes } = await screen.capture();
    response.writeHead(200, { 'Content-Type': type }).end(bytes);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const { code } = SandformError.from(error, 'taking a picture');
      response.writeHead(503, { 'Content-Type': 'text/plain' }).end(code);
    });
  });
  return { server, path };
}

function page(title: string, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style nonce="${nonce}">
  :root { color-scheme: dark; }
  body { margin: 0; background: #111; color: #ccc; font: 14px system-ui, sans-serif; display: grid; grid-template-rows: auto 1fr; height: 100vh; }
  header { padding: 8px 12px; display: flex; gap: 12px; }
  canvas { margin: auto; max-width: 100%; max-height: 100%; image-rendering: pixelated; background: #000; }
  #state { margin-left: auto; }
</style>
<header><strong>${escaped(title)}</strong><span id="state" role="status">connecting</span></header>
<canvas id="screen" width="720" height="400" aria-label="the screen of the sandbox"></canvas>
<script nonce="${nonce}">
  const canvas = document.getElementById('screen');
  const state = document.getElementById('state');
  const context = canvas.getContext('2d');
  const sized = (width, height) => { if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; } };
  async function drawPixmap(bytes) {
    const head = /^P6\\s+(\\d+)\\s+(\\d+)\\s+255\\s/.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 64)));
    if (!head) throw new Error('no picture');
    const [width, height] = [Number(head[1]), Number(head[2])];
    const image = new ImageData(width, height);
    for (let from = head[0].length, to = 0; to < image.data.length; from += 3, to += 4) image.data.set([bytes[from], bytes[from + 1], bytes[from + 2], 255], to);
    sized(width, height);
    context.putImageData(image, 0, 0);
  }
  async function draw() {
    const response = await fetch('picture');
    if (!response.ok) throw new Error(await response.text());
    const blob = await response.blob();
    if (blob.type === 'image/x-portable-pixmap') return drawPixmap(new Uint8Array(await blob.arrayBuffer()));
    const bitmap = await createImageBitmap(blob);
    sized(bitmap.width, bitmap.height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
  }
  async function again() {
    try { await draw(); state.textContent = new Date().toLocaleTimeString(); } catch (error) { state.textContent = error.message; }
    setTimeout(again, 500);
  }
  again();
</script>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
