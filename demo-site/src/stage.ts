// The canvas that the program draws on: its size, the pointer, pausing. What moves
// is the program's own: garden/run starts its loop.

import { JankError, type Client } from "jank-hot-reload";

/** Steps until the flower is open: what is shown where nothing should move. */
const SETTLED = 240;
const MAX_RATIO = 2;

export class Stage {
  readonly #client: Client;
  readonly #canvas: HTMLCanvasElement;
  readonly #pause: HTMLButtonElement;
  #isStarted = false;
  #isPaused = matchMedia("(prefers-reduced-motion: reduce)").matches;

  constructor(client: Client, canvas: HTMLCanvasElement, pause: HTMLButtonElement) {
    this.#client = client;
    this.#canvas = canvas;
    this.#pause = pause;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    for (const type of ["pointermove", "pointerdown"] as const)
      canvas.addEventListener(type, (event) => this.#point(event.clientX, event.clientY));
    for (const type of ["pointerleave", "pointerup", "pointercancel"] as const)
      canvas.addEventListener(type, () => this.#call("garden/point", 9, 9));
    pause.addEventListener("click", () => this.#toggle());
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Once the program is there. Returns whether it is. */
  start(): boolean {
    if (this.#isStarted) return true;
    this.#resize();
    this.#isStarted = this.#isPaused
      ? this.#call("garden/settle", SETTLED)
      : this.#call("garden/run", true);
    this.#show();
    return this.#isStarted;
  }

  /** Where nothing moves by itself, an edit is seen by what it has become of the picture. */
  patched(): void {
    if (this.#isStarted && this.#isPaused) this.#call("garden/settle", SETTLED);
  }

  #toggle(): void {
    this.#isPaused = !this.#isPaused;
    this.#call("garden/run", !this.#isPaused);
    this.#show();
  }

  #show(): void {
    this.#pause.textContent = this.#isPaused ? "Play" : "Pause";
  }

  #resize(): void {
    const ratio = Math.min(devicePixelRatio, MAX_RATIO);
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    if (this.#isStarted && this.#isPaused) this.#call("garden/tick");
  }

  /** The picture's centre is 0 0, its nearer edge is 1. */
  #point(clientX: number, clientY: number): void {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const scale = Math.min(width, height) / 2;
    this.#call(
      "garden/point",
      (clientX - left - width / 2) / scale,
      (clientY - top - height / 2) / scale,
    );
  }

  /** The program is the visitor's: it may have no such function, and it may throw. */
  #call(name: string, ...args: unknown[]): boolean {
    if (!this.#isStarted && name === "garden/point") return false;
    try {
      this.#client.invoke(name, ...args);
      return true;
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      return false;
    }
  }
}
