export { Duration, type DurationText } from './duration';
export { Size, type SizeText } from './size';
