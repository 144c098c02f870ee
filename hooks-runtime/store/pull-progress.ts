/** How far the fetching of one image is. */
export interface PullProgress {
  /** Name of the source. */
  readonly name: string;
  /** Bytes that are here, those of earlier attempts included. */
  readonly bytes: number;
  /** All of them, where the place tells. */
  readonly total?: number;
  /** Of this attempt; 0 until it can be told. */
  readonly bytesPerSecond: number;
}

/** Seconds that are left at this speed; undefined where that can't be told. */
export function secondsLeft({ bytes, total, bytesPerSecond }: PullProgress): number | undefined {
  return total === undefined || bytesPerSecond === 0 ? undefined : Math.max(0, Math.round((total - bytes) / bytesPerSecond));
}

/** `debian.qcow2: 120 of 400 MiB (30 %), 48 MiB/s, 6 s left` */
export function progressLine(progress: PullProgress): string {
  const { name, bytes, total, bytesPerSecond } = progress;
  const left = secondsLeft(progress);
  const amount = total === undefined ? `${mebibytes(bytes)} MiB` : `${mebibytes(bytes)} of ${mebibytes(total)} MiB (${Math.floor((bytes / total) * 100)} %)`;
  const speed = bytesPerSecond === 0 ? '' : `, ${mebibytes(bytesPerSecond)} MiB/s`;
  return `${name}: ${amount}${speed}${left === undefined ? '' : `, ${left} s left`}`;
}

function mebibytes(bytes: number): string {
  const amount = bytes / 2 ** 20;
  return amount < 10 ? amount.toFixed(1) : Math.round(amount).toString();
}
