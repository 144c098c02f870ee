/** Time without a sign of life after which a silent guest is asked for one, milliseconds. */
const QUIET = 15_000;
/** Questions left unanswered in a row until the connection counts as lost. */
const PATIENCE = 4;

/**
 * Notices that the other end of a connection is gone: a virtio-serial port stays open when the guest behind it hangs.
 * Anything that comes in is a sign of life. While the guest's processors are stopped its silence means nothing.
 */
export class Pulse {
  private timer: NodeJS.Timeout | undefined;
  private heard = true;
  private unanswered = 0;

  /**
   * @param ask has the other end send something
   * @param onSilence called once, when it has not
   */
  constructor(
    private readonly ask: () => void,
    private readonly onSilence: () => void,
    private readonly quiet = QUIET,
  ) {}

  /** Something came in. */
  beat(): void {
    this.heard = true;
  }

  start(): void {
    if (this.timer) return;
    this.heard = true;
    this.timer = setInterval(() => this.check(), this.quiet);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.unanswered = 0;
  }

  private check(): void {
    this.unanswered = this.heard ? 0 : this.unanswered + 1;
    this.heard = false;
    if (this.unanswered < PATIENCE) return void this.ask();
    this.stop();
    this.onSilence();
  }
}
