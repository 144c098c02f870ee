export { isoImage } from './iso-image';
export { SEED_SIZE, SeedDocuments, seedDisc } from './seed-disc';
