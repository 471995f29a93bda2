// Where this runtime's answer differs from Clojure's on the JVM, and why. A row
// matches expressions; one that matches none of the differences is an error, so
// that the list stays true.

export const DIFFERENCES = [
  {
    when: /-7\/3 2\.5\)|\(double -7\/3\)/,
    why: "Clojure makes a ratio a double through a decimal of 16 digits; here it is the nearest double.",
  },
  {
    when: /^\(identical\? (1\.5 1\.5|'sym 'sym)\)$/,
    why: "Equal constants of one expression are one object here.",
  },
  {
    when: /^\(distinct (#\{7\}|\{:a 1\}|\(sorted-)/,
    why: "Clojure's distinct takes its argument apart with nth, which sets and maps do not have; here it takes any seqable.",
  },
];
