import { SEED_PORT } from '../first-boot';
import { type GuestProfile, PLAIN } from './guest-profile';

const CLOUD_IMAGE: GuestProfile = { ...PLAIN, cloudInit: true, seeded: true, execPort: SEED_PORT };

/** Ubuntu's cloud images, of the releases since 22.04: https://cloud-images.ubuntu.com */
export const UBUNTU: GuestProfile = { ...CLOUD_IMAGE, name: 'ubuntu', memory: '1GiB' };

/** Alpine's cloud images for NoCloud with cloud-init, not those with tiny-cloud: https://alpinelinux.org/cloud */
export const ALPINE: GuestProfile = { ...CLOUD_IMAGE, name: 'alpine', memory: '256MiB' };
