// What only a page has that follows a development server: its console is told there,
// and the server is asked what is to stop; patches wait for a frame. A file of its own in the package.

export { forwardConsole } from "./console.js";
export { nextFrame } from "./frame.js";
export { Interrupts } from "./interrupt.js";
