import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../lib';
import { isoImage } from '../lib/discs';
import { Image } from './image';
import { type WindowsAnswers, type WindowsDisk, windowsAnswers } from './windows-answers';

/** A CD with the answers to Windows set-up, kept in the cache by what it holds. */
export function answerDisc(release: 'windows10' | 'windows11', answers: WindowsAnswers, installs: WindowsDisk | undefined): Image {
  const disc = isoImage('ANSWERS', { 'AUTOUNATTEND.XML': Buffer.from(windowsAnswers(release, answers, installs)) });
  const digest = createHash('sha256').update(disc).digest('hex');
  const file = join(cacheFolder(process.env), 'answers', `${digest}.iso`);
  if (!existsSync(file)) {
    const temporary = `${file}.${process.pid}.part`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, disc);
    renameSync(temporary, file);
  }
  return Image.fromFile(file, digest);
}
